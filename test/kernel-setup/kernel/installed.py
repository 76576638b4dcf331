"""Does, with the kernel of a name as Jupyter finds it, what standard input lists as JSON, and prints what came of each."""
import json
import sys
import time

from jupyter_client.manager import start_new_kernel

PATIENCE = 60


def answer(kc, send, channel="shell"):
    """The reply's content, and what was published for it."""
    request = send()
    reply = getattr(kc, f"get_{channel}_msg")
    while True:
        message = reply(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == request:
            return request, message["content"]


def published(kc, request):
    while True:
        message = kc.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return
        yield message


def outcome(kc, request, reply):
    outputs = [m for m in published(kc, request) if m["msg_type"] not in ("status", "execute_input")]
    result = {"status": reply["status"], "printed": "", "shown": []}
    for message in outputs:
        content = message["content"]
        if message["msg_type"] == "stream":
            result["printed"] += content["text"]
        elif message["msg_type"] == "error":
            result["error"] = f"{content['ename']}: {content['evalue']}"
            result["traceback"] = "\n".join(content["traceback"])
        elif message["msg_type"] in ("execute_result", "display_data"):
            result["shown"].append(content["data"])
    return result


def step(km, kc, kind, given):
    if kind == "cell":
        return outcome(kc, *answer(kc, lambda: kc.execute(given, allow_stdin=False)))
    if kind == "interrupted":
        request = kc.execute(given, allow_stdin=False)
        time.sleep(0.5)
        km.interrupt_kernel()
        while True:
            message = kc.get_shell_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == request:
                return outcome(kc, request, message["content"])
    if kind == "complete":
        return answer(kc, lambda: kc.complete(given))[1]
    if kind == "inspect":
        return answer(kc, lambda: kc.inspect(given))[1]
    if kind == "info":
        return answer(kc, kc.kernel_info)[1]
    if kind == "debug":
        message = kc.session.msg("debug_request", {"type": "request", "seq": 1, "arguments": {}, **given})
        kc.control_channel.send(message)
        while True:
            reply = kc.get_control_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"]
    raise ValueError(kind)


def main(name, folder):
    km, kc = start_new_kernel(kernel_name=name, cwd=folder, startup_timeout=PATIENCE)
    try:
        print(json.dumps([step(km, kc, kind, given) for kind, given in json.load(sys.stdin)]))
    finally:
        kc.stop_channels()
        km.shutdown_kernel()


if __name__ == "__main__":
    main(*sys.argv[1:])
