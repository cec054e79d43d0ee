"""The faults: places of the program, and what each becomes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}
"""Sign of an operator, and what it is swapped for."""


@dataclass(frozen=True, order=True)
class Fault:
    """One change of one place: characters ``start`` to ``end`` of a file become ``text``."""

    file: str
    line: int
    start: int
    end: int
    text: str
    was: str
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}: {self.was!r} -> {self.text!r}"


class Finder(ast.NodeVisitor):
    """Lists the faults of one module; annotations, decorators and messages are left alone."""

    def __init__(self, file: str, source: str) -> None:
        self.file, self.source, self.found = file, source, list[Fault]()
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line.encode()))
        self.bytes = source.encode()
        self.function = "<module>"

    def spot(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def add(self, line: int, start: int, end: int, text: str) -> None:
        was = self.bytes[start:end].decode()
        self.found.append(Fault(self.file, line, start, end, text, was, self.function))

    def between(self, left: ast.expr, right: ast.expr, operator: ast.AST) -> None:
        """Swap an operator, which is found between its operands."""
        begin, end = (
            self.spot(left.end_lineno or 0, left.end_col_offset or 0),
            self.spot(right.lineno, right.col_offset),
        )
        sign, other = OPERATORS.get(type(operator), ("", ""))
        gap = self.bytes[begin:end].decode()
        if sign and sign in gap:
            at = begin + len(gap[: gap.index(sign)].encode())
            self.add(left.lineno, at, at + len(sign), other)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self.function = self.function, node.name
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        for inner in node.body:
            self.visit(inner)
        self.function = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for inner in node.body:
            self.visit(inner)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, operator, right in zip(
            [node.left, *node.comparators], node.ops, node.comparators, strict=False
        ):
            self.between(left, right, operator)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = (ast.JoinedStr, ast.List, ast.Tuple, ast.Set, ast.Dict)
        if not isinstance(node.left, texts) and not isinstance(node.right, texts):
            self.between(node.left, node.right, node.op)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, node.op)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            start = self.spot(node.lineno, node.col_offset)
            self.add(node.lineno, start, self.spot(node.operand.lineno, node.operand.col_offset), "")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        start = self.spot(node.lineno, node.col_offset)
        end = self.spot(node.end_lineno or 0, node.end_col_offset or 0)
        if isinstance(node.value, bool):
            self.add(node.lineno, start, end, str(not node.value))
        elif isinstance(node.value, int):
            self.add(node.lineno, start, end, str(node.value + 1))
        elif isinstance(node.value, float):
            self.add(node.lineno, start, end, repr(node.value * 2 or 1.0))
        elif isinstance(node.value, str) and self.is_key(node.value, start, end):
            self.add(node.lineno, start, end, repr(node.value + "x"))

    def is_key(self, value: str, start: int, end: int) -> bool:
        """A vendor's key or code, not a word of a message."""
        plain = value.isascii() and " " not in value and len(value) > 1 and any(c.isalpha() for c in value)
        return plain and self.bytes[start:end].decode()[:1] in "'\"" and "/vendors/" in self.file

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Texts for people are no facts."""

    def visit_Raise(self, node: ast.Raise) -> None:
        """Nor are messages."""

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)


def faults(tree: Path, rooms: tuple[str, ...]) -> list[Fault]:
    """List every fault of the rooms, in the order of files and places."""
    found: list[Fault] = []
    for room in rooms:
        for path in sorted((tree / "generator" / room).rglob("*.py")):
            source = path.read_text("utf-8")
            finder = Finder(path.relative_to(tree).as_posix(), source)
            finder.visit(ast.parse(source))
            found += finder.found
    return sorted(found)
