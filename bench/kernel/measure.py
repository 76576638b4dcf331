"""Times Jupyter kernels side by side: measure.py SPECS.json > results. Every kernel gets the same treatment, in turn."""
import json, os, statistics, sys, time
from jupyter_client.manager import KernelManager
from jupyter_client.kernelspec import KernelSpec
import psutil

STARTS, TRIVIAL, TENSORS, COMPLETIONS, MANY, LONG = 5, 40, 20, 15, 300, 1000


class Manager(KernelManager):
    spec = None

    @property
    def kernel_spec(self):
        return self.spec


class Kernel:
    def __init__(self, spec, cwd):
        self.began = began = time.perf_counter()
        self.manager = Manager()
        self.manager.spec = KernelSpec(argv=spec["argv"], language=spec["language"], display_name=spec["name"], env=spec.get("env", {}), interrupt_mode=spec.get("interrupt_mode", "signal"))
        self.manager.start_kernel(cwd=cwd, stdout=open(os.devnull, "w"), stderr=open(os.devnull, "w"))
        self.client = self.manager.client()
        self.client.start_channels()
        request = self.client.kernel_info()
        self.reply(request, 60)
        self.start = time.perf_counter() - began
        # A subscription takes effect late: idle must have been seen once before it is waited for.
        for _ in range(500):
            if self.idle(self.client.kernel_info(), 0.05):
                break

    def reply(self, request, timeout):
        end = time.monotonic() + timeout
        while True:
            message = self.client.get_shell_msg(timeout=max(0.01, end - time.monotonic()))
            if message["parent_header"].get("msg_id") == request:
                return message

    def idle(self, request, timeout):
        end = time.monotonic() + timeout
        self.seen = []
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=max(0.01, end - time.monotonic()))
            except Exception:
                return False
            if message["parent_header"].get("msg_id") != request:
                continue
            self.seen.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return True
        return False

    def run(self, code, timeout=60):
        """Seconds from the request to its reply and idle status, both; an error is raised."""
        began = time.perf_counter()
        request = self.client.execute(code)
        content = self.reply(request, timeout)["content"]
        if not self.idle(request, timeout):
            raise RuntimeError("no idle status")
        took = time.perf_counter() - began
        # Stock tslab writes its errors to stderr and says "error" without a name.
        if content["status"] != "ok":
            said = "".join(m["content"].get("text", "") for m in self.seen if m["msg_type"] == "stream")
            raise RuntimeError(f"{content.get('ename', '')} {content.get('evalue', '')} {said}".strip().split("\n")[0][:150])
        return took

    def complete(self, code):
        began = time.perf_counter()
        content = self.reply(self.client.complete(code, len(code)), 60)["content"]
        return time.perf_counter() - began, content["matches"]

    def memory(self):
        process = psutil.Process(self.manager.provisioner.pid)
        return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)]) / 2**20

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def milliseconds(values):
    return round(1000 * statistics.median(values), 1)


def attempt(result, key, work):
    try:
        result[key] = work()
    except Exception as error:
        result.setdefault("missing", {})[key] = str(error) or type(error).__name__


def measure(spec, cwd):
    result = {"name": spec["name"], "version": spec["version"]}
    starts, firsts = [], []
    for _ in range(STARTS):
        kernel = Kernel(spec, cwd)
        starts.append(kernel.start)
        kernel.run("1 + 1")
        firsts.append(time.perf_counter() - kernel.began)
        kernel.close()
    result["start"] = milliseconds(starts)
    result["firstCell"] = milliseconds(firsts)
    kernel = Kernel(spec, cwd)
    kernel.run("1 + 1")
    attempt(result, "import", lambda: milliseconds([kernel.run(spec["import"], 120)]))
    attempt(result, "trivial", lambda: milliseconds([kernel.run(f"{i} + 1") for i in range(TRIVIAL)]))
    if "tensor" in spec:
        kernel.close()
        kernel = Kernel(spec, cwd)
        attempt(result, "tensorImport", lambda: milliseconds([kernel.run(spec["tensorImport"], 120)]))
        if "tensorImport" in result:
            attempt(result, "tensor", lambda: milliseconds([kernel.run(spec["tensor"].replace("#", str(i))) for i in range(TENSORS)]))
    def completed():
        answers = [kernel.complete(spec["complete"]) for _ in range(COMPLETIONS)]
        if not any(spec["completed"] in match for match in answers[-1][1]):
            raise RuntimeError(f"{spec['complete']!r} is not completed to {spec['completed']}")
        return milliseconds([each[0] for each in answers])
    attempt(result, "completion", completed)
    kernel.close()
    kernel = Kernel(spec, cwd)
    def many():
        times = []
        for i in range(MANY):
            times.append(kernel.run(spec["declare"].replace("#", str(i))))
            if i == 49:
                before = kernel.memory()
        result["manyMemory"] = round(kernel.memory() - before)
        result["manyLast"] = milliseconds(times[-50:])
        for i in range(MANY, LONG):
            kernel.run(spec["declare"].replace("#", str(i)))
            if i == LONG // 2 - 1:
                before = kernel.memory()
        result["longMemory"] = round(kernel.memory() - before)
        return milliseconds(times[:50])
    attempt(result, "manyFirst", many)
    kernel.close()
    return result


def main():
    given = json.load(open(sys.argv[1]))
    results = []
    for spec in given["kernels"]:
        print(f"{spec['name']} …", file=sys.stderr, flush=True)
        try:
            results.append(measure(spec, given["cwd"]))
        except Exception as error:
            results.append({"name": spec["name"], "version": spec["version"], "missing": {"all": f"{type(error).__name__}: {error}"}})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
