"""PyTorch's side of the comparison: told what to do by lines of JSON, it answers in the same way."""

import json
import os
import resource
import sys
import time
import traceback
import warnings
from pathlib import Path

replies = sys.stdout
# What libraries print must not come between the replies.
sys.stdout = sys.stderr
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(int(os.environ["VITRINE_BENCH_THREADS"]))

import methods  # noqa: E402
import networks  # noqa: E402
from outcome import Context  # noqa: E402

state = {}


def images_file(workload):
    if workload["network"] in ("squeezenet1_1", "deit_tiny"):
        return "photographs" if workload["images"] <= 25 else f"photographs-{workload['images']}"
    return "garments-train" if workload["method"] == "train" else "garments-test"


def read(folder, name, count):
    images = torch.from_numpy(np.load(folder / f"{name}.npy")[:count]).permute(0, 3, 1, 2).contiguous()
    return images, torch.from_numpy(np.load(folder / f"{name}-labels.npy")[:count].astype("int64"))


def start(request):
    workload, setting, folder = request["workload"], request["setting"], Path(request["folder"])
    images, labels = read(folder, images_file(workload), workload["images"])
    model = None
    layout = torch.channels_last if setting["layout"] == "channels_last" else torch.contiguous_format
    images = images.to(memory_format=layout)
    if workload["method"] != "train":
        model = networks.load(workload["network"], folder).eval().to(memory_format=layout)
        if setting["style"] == "tuned":
            # Or backward() takes the weights' gradients as well.
            model.requires_grad_(False)
    test = read(folder, "garments-test", 10_000) if model is None else None
    context = Context(model, images, labels, setting["style"], setting["layout"], setting.get("batch"), folder, test)
    state.update(context=context, method=workload["method"], options=workload["options"])
    return {}


def run(request):
    options = {**state["options"], **request["options"]}
    context = state["context"].first(options.get("images", len(state["context"].images)))
    state.pop("latest", None)
    started = time.perf_counter()
    outcome = methods.METHODS[state["method"]](context, options)
    ms = 1000 * (time.perf_counter() - started)
    state["latest"] = outcome
    return {"ms": ms, "work": outcome.work}


def write(outcome, file):
    values = outcome.values() if callable(outcome.values) else outcome.values
    values = torch.as_tensor(values).detach()
    values = values.permute(0, 2, 3, 1) if values.ndim == 4 else values
    np.save(file, np.ascontiguousarray(values.numpy().astype("float32")))
    return {}


def check(request):
    return write(methods.check(state["context"], state["method"], {**state["options"], **request["options"]}), request["file"])


def reset_peak(request):
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass
    return {}


def peak(request):
    try:
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return {"bytes": 1024 * int(status["VmHWM"].split()[0]), "files": 1024 * int(status["RssFile"].split()[0])}
    except OSError:
        return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024), "files": 0}


def machine(request):
    n, large = 2048, torch.zeros(1 << 26)
    a, b, out, copy = torch.rand(n, n), torch.rand(n, n), torch.empty(n, n), torch.empty_like(large)

    def best(work, times):
        measured = []
        for _ in range(times):
            started = time.perf_counter()
            work()
            measured.append(time.perf_counter() - started)
        return min(measured)
    product, copying = best(lambda: torch.mm(a, b, out=out), 8), best(lambda: copy.copy_(large), 5)
    return {"gflops": 2 * n ** 3 / product / 1e9, "gigabytesPerSecond": 8 * large.numel() / copying / 1e9,
            "versions": methods.VERSIONS, "threads": torch.get_num_threads()}


OPERATIONS = {
    "start": start, "run": run, "answer": lambda request: write(state["latest"], request["file"]), "check": check,
    "reset-peak": reset_peak, "peak": peak, "machine": machine,
}

for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = OPERATIONS[request["op"]](request)
    except Exception:
        reply = {"error": traceback.format_exc()}
    print(json.dumps(reply), file=replies, flush=True)
