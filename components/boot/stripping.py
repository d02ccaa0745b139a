"""Makes the VM's program small: takes out of its sources what only readers and tools need."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import NamedTuple


class _Cut(NamedTuple):
    """A part of a source, in ast's lines from 1 and byte columns from 0, and what replaces it."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


def stripped(source: str) -> str:
    """`source` without docstrings, comments, annotations, protocols and type-checking code, thinly
    indented.

    Lines keep their numbers, so a traceback on a VM can be read beside the source. An annotation of
    a field, which dataclasses and named tuples need, becomes `int`.
    """
    lines = source.split("\n")
    for cut in _outermost({*_cuts(ast.parse(source), lines), *_comments(source)}):
        before = lines[cut.line - 1].encode()[: cut.column].decode()
        after = lines[cut.end_line - 1].encode()[cut.end_column :].decode()
        more = cut.end_line - cut.line
        lines[cut.line - 1 : cut.end_line] = [before + cut.text + after, *[""] * more]
    return "\n".join(re.sub("^(?: {4})+", _thin, line.rstrip()) for line in lines)


def _thin(indent: re.Match[str]) -> str:
    return " " * (len(indent[0]) // 4)


def _cuts(tree: ast.Module, lines: list[str]) -> Iterator[_Cut]:
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                yield _cut(node, '""')
            case (
                ast.If(test=ast.Name(id="TYPE_CHECKING"))
                | ast.ImportFrom(module="__future__")
                | ast.ClassDef(bases=[ast.Name(id="Protocol")])
            ):
                yield _cut(node, "")
            case ast.AnnAssign(target=ast.Attribute() as target, annotation=annotation):
                start = target.end_col_offset or 0
                yield _cut(annotation, "")._replace(line=target.lineno, column=start)
            case ast.AnnAssign(annotation=annotation):
                yield _cut(annotation, "int")
            case ast.arg(annotation=ast.expr() as annotation):
                start = node.col_offset + len(node.arg.encode())
                yield _cut(annotation, "")._replace(line=node.lineno, column=start)
            case ast.FunctionDef(returns=ast.expr() as annotation):
                head = lines[annotation.lineno - 1].encode()[: annotation.col_offset]
                yield _cut(annotation, "")._replace(column=head.rindex(b")") + 1)


def _outermost(cuts: set[_Cut]) -> Iterator[_Cut]:
    """The cuts from last to first, without those inside others."""
    start = (0, 0)
    kept = []
    for cut in sorted(cuts, key=lambda cut: (cut.line, cut.column, -cut.end_line)):
        if (cut.line, cut.column) >= start:
            kept.append(cut)
            start = (cut.end_line, cut.end_column)
    return reversed(kept)


def _comments(source: str) -> Iterator[_Cut]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            (line, start), (_, end) = token.start, token.end
            size = len(token.line[:start].encode())
            yield _Cut(line, size, line, size + len(token.line[start:end].encode()), "")


def _cut(node: ast.stmt | ast.expr, text: str) -> _Cut:
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return _Cut(node.lineno, node.col_offset, end_line, end_column, text)
