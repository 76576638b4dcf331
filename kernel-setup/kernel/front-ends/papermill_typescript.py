"""Papermill with TypeScript notebooks: python papermill_typescript.py IN.ipynb OUT.ipynb -p NAME VALUE …

Takes what `papermill` takes. Papermill writes the parameters into a cell in the kernel's language, and its list of
languages cannot be extended by an installed package; so this adds TypeScript and goes on as papermill does.
"""
import json
import math
import re
import sys

from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

SAFE = 2**53 - 1
DECLARED = re.compile(r"^\s*(?:let|const|var)\s+(?P<name>[\w$]+)\s*(?::\s*(?P<type>[^=]+?))?\s*=\s*(?P<value>.*?);?\s*(?://\s*(?P<help>.*))?$")


class TypeScriptTranslator(Translator):
    @classmethod
    def translate_none(cls, val):
        return "null as any"

    @classmethod
    def translate_bool(cls, val):
        return "true" if val else "false"

    @classmethod
    def translate_int(cls, val):
        return str(val) if abs(val) <= SAFE else f"{val}n"

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "NaN"
        return ("-" if val < 0 else "") + "Infinity" if math.isinf(val) else repr(val)

    @classmethod
    def translate_str(cls, val):
        # JSON's texts are JavaScript's.
        return json.dumps(str(val))

    @classmethod
    def translate_escaped_str(cls, str_val):
        return json.dumps(str(str_val))

    @classmethod
    def translate_dict(cls, val):
        return "{ " + ", ".join(f"{json.dumps(str(key))}: {cls.translate(each)}" for key, each in val.items()) + " }"

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(cls.translate(each) for each in val)}]"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        # Declared once more: the kernel allows it, and the name need not have been declared.
        return f"let {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        found = [DECLARED.match(line) for line in parameters_cell["source"].splitlines()]
        return [
            Parameter(name=each["name"], inferred_type_name=(each["type"] or "None").strip(), default=each["value"], help=each["help"] or "")
            for each in found
            if each
        ]


papermill_translators.register("typescript", TypeScriptTranslator)

if __name__ == "__main__":
    from papermill.cli import papermill

    sys.exit(papermill())
