"""nbclient, and Jupyter's own kernel tests (PyPI jupyter_kernel_test), with the kernel whose spec lies in JUPYTER_PATH: one for all."""
import os
import unittest

import jupyter_kernel_test
import nbformat
from jupyter_client import BlockingKernelClient
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

SPEC = os.environ.get("KERNEL_UNDER_TEST", "vitrine-under-test")


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


class Nbclient(unittest.TestCase):
    """Comes first, by its name; its kernel is the one that the tests below get."""

    @classmethod
    def setUpClass(cls):
        # A busy machine may take long over the first program.
        cls.notebook = notebook("const a = 1; console.log('x')", "a + 1")
        first = NotebookClient(cls.notebook, kernel_name=SPEC, timeout=60)
        first.execute(cleanup_kc=False)
        first.kc.stop_channels()
        cls.km = first.km

    def test_nbclient_executes_a_notebook(self):
        self.assertEqual([[output.output_type for output in cell.outputs] for cell in self.notebook.cells], [["stream"], ["execute_result"]])
        self.assertEqual(self.notebook.cells[1].outputs[0].data["text/plain"], "2")

    def test_nbclient_stops_at_a_type_error(self):
        with self.assertRaises(CellExecutionError) as caught:
            NotebookClient(notebook("const n: number = 'a'", "1"), km=self.km, timeout=60).execute()
        self.assertEqual(caught.exception.ename, "TypeScriptError")

    def test_nbclient_interrupts_a_cell_that_takes_too_long(self):
        slow = notebook("1", "while (true);", "2")
        NotebookClient(slow, km=self.km, timeout=3, interrupt_on_timeout=True, allow_errors=True).execute()
        self.assertEqual(slow.cells[1].outputs[-1].ename, "KeyboardInterrupt")
        self.assertEqual(slow.cells[2].outputs[0].data["text/plain"], "2")


class VitrineKernel(jupyter_kernel_test.KernelTests):
    kernel_name = SPEC
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
        cls.kc = BlockingKernelClient()
        cls.kc.load_connection_info(Nbclient.km.get_connection_info())
        cls.kc.start_channels()
        cls.kc.wait_for_ready(timeout=60)

    @classmethod
    def tearDownClass(cls):
        cls.kc.stop_channels()
        run_sync(Nbclient.km.shutdown_kernel)()


if __name__ == "__main__":
    unittest.main(verbosity=2)
