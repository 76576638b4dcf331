"""Jupyter's own kernel tests (PyPI jupyter_kernel_test) against the kernel whose spec lies in JUPYTER_PATH."""
import unittest

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel


class VitrineKernel(jupyter_kernel_test.KernelTests):
    kernel_name = "vitrine-under-test"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('a warning')"
    code_generate_error = "throw new Error('wanted')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "'a' + 'b'", "result": "'ab'"},
        {"code": "const o = { a: [1, 2] }; o", "result": "{ a: [ 1, 2 ] }"},
        {"code": "await Promise.resolve(42)", "result": "42"},
    ]
    code_display_data = [
        {"code": "import { display } from 'tslab'; display.html('<b>b</b>')", "mime": "text/html"},
        {"code": "display.png(new Uint8Array([1, 2, 3]))", "mime": "image/png"},
    ]
    code_clear_output = "(globalThis as any)[Symbol.for('vitrine.host')].clearOutput(true)"
    completion_samples = [
        {"text": "JSON.str", "matches": {"stringify"}},
        {"text": "const q = [1]; q.flatM", "matches": {"flatMap"}},
    ]
    complete_code_samples = ["1", "const a = 1;", "function f() { return 1; }", "await (f())"]
    incomplete_code_samples = ["function f() {", "console.log(", "`open", "[1, 2,"]
    invalid_code_samples = ["let = = 2", "a b c", "const s = 'open\n1"]
    code_inspect_sample = "parseInt"
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6 *?7"

    @classmethod
    def setUpClass(cls):
        cls.km, cls.kc = start_new_kernel(kernel_name=cls.kernel_name, startup_timeout=60)
        # Jupyter's tests allow 15 s for a reply, and a busy machine may take as long over the first program.
        cls.kc.execute_interactive("1", timeout=60)


if __name__ == "__main__":
    unittest.main(verbosity=2)
