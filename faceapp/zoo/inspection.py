"""Looking at an ONNX file that somebody brought, before anything of it is run, kept or allocated.

An ONNX file is a program: it can name files elsewhere as its weights, declare tensors of any size, call operators of
somebody's library, loop for ever. Here it is read as data only. What passes is then run once by `app.model_trial`, in a
process of its own with limits on time and memory.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from faceapp.errors import InputError
from faceapp.zoo.onnx_wire import check_growth

if TYPE_CHECKING:
    import onnx

Dims: TypeAlias = "tuple[int | None, ...]"
"""A shape; None where any size goes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a network may be at most."""

    bytes: int = 1 << 30
    """Of the file. The largest face embedders in use have a quarter of that."""
    nodes: int = 50_000
    """Operators, those of subgraphs included. A ResNet-100 has about 400."""
    depth: int = 8
    """Subgraphs within subgraphs."""


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output."""

    name: str
    type: str
    """As ONNX calls it, "FLOAT" for float32."""
    shape: Dims | None
    """None where the file doesn't say."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file declares."""

    inputs: tuple[Port, ...]
    """Without those that are weights with a value of their own."""
    outputs: tuple[Port, ...]
    bytes: int
    opset: int
    nodes: int
    sha256: str
    """Of the very bytes that were looked at."""


def inspect_network(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Inspection:
    """Read the ONNX file at `path` as data and say what it declares.

    Raises InputError, in one line that names the file, where it can't be read, is no ONNX network, is cut off or too
    large, keeps weights in another file, declares tensors larger than what it holds, or has operators that are not of
    the ONNX standard or that a network for pictures has no use for (loops, random numbers).
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # it ships no types

    data = _read(path, limits)
    check_growth(data, path.name)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as e:
        raise InputError(f"{path.name} is no ONNX network, or is cut off: fetch it again") from e
    opsets = {o.domain or "ai.onnx": o.version for o in model.opset_import}
    if not model.graph.node or "ai.onnx" not in opsets:
        raise InputError(f"{path.name} is no ONNX network, or is cut off: fetch it again")
    try:
        nodes = _check_model(model, limits)
    except _RefusedError as e:
        raise InputError(f"{path.name} is refused: {e}") from e
    weights = {w.name for w in model.graph.initializer}
    return Inspection(
        inputs=tuple(_port(v) for v in model.graph.input if v.name not in weights),
        outputs=tuple(_port(v) for v in model.graph.output),
        bytes=len(data),
        opset=opsets["ai.onnx"],
        nodes=nodes,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def takes_one_picture(inspection: Inspection) -> bool:
    """True for a network exported for a batch of exactly one, which `zoo.batch` can open."""
    return any(port.shape is not None and len(port.shape) > 1 and port.shape[0] == 1 for port in inspection.inputs)


def check_embedder(inspection: Inspection, name: str, size: int) -> str:
    """The name of the input of a network that takes pictures of `size` x `size` and gives embeddings.

    Raises InputError, in one line, where it declares other inputs or outputs: one input, float32 (N, 3, size, size);
    one output, float32 (N, D), with any N.
    """
    for what, ports in (("input", inspection.inputs), ("output", inspection.outputs)):
        if len(ports) != 1:
            raise InputError(f"{name} has {len(ports)} {what}s: an embedder has one")
        if ports[0].type != "FLOAT":
            raise InputError(f"{name}: its {what} is {ports[0].type}: an embedder's is FLOAT (float32)")
    (taken,), (given,) = inspection.inputs, inspection.outputs
    if taken.shape is not None and not _fits(taken.shape, (None, 3, size, size)):
        raise InputError(f"{name} takes {_text(taken.shape)}: an embedder for this crop takes (N, 3, {size}, {size})")
    if given.shape is not None and len(given.shape) != 2:
        raise InputError(f"{name} gives {_text(given.shape)}: an embedder gives (N, D)")
    for port in (taken, given):
        if port.shape is not None and port.shape[0] is not None:
            raise InputError(
                f"{name} takes exactly {port.shape[0]} picture at a time: export it with a batch of any size"
            )
    return taken.name


def check_liveness(inspection: Inspection, name: str, size: int) -> str:
    """The name of the input of a network that takes one picture of `size` x `size`, or several, and gives classes.

    Raises InputError, in one line, where it declares other inputs or outputs: one input, float32 (N, 3, size, size);
    one output, float32 (N, C), with two classes or more. N may be 1: such networks see one face at a time.
    """
    for what, ports in (("input", inspection.inputs), ("output", inspection.outputs)):
        if len(ports) != 1:
            raise InputError(f"{name} has {len(ports)} {what}s: a liveness model has one")
        if ports[0].type != "FLOAT":
            raise InputError(f"{name}: its {what} is {ports[0].type}: a liveness model's is FLOAT (float32)")
    (taken,), (given,) = inspection.inputs, inspection.outputs
    if taken.shape is not None and not _fits(taken.shape, (1, 3, size, size)):
        raise InputError(f"{name} takes {_text(taken.shape)}: with --size {size} it would take (1, 3, {size}, {size})")
    if given.shape is not None and (len(given.shape) != 2 or given.shape[1] == 1):
        raise InputError(f"{name} gives {_text(given.shape)}: a liveness model gives (1, C), two classes or more")
    return taken.name


class _RefusedError(Exception):
    """Why a network is refused."""


_MAX_AXES = 16
"""Of a tensor; pictures have four. A million of them would take a while to multiply."""


_REFUSED_OPS = {
    "Loop": "it has a loop, which may never end",
    "Scan": "it has a loop, which may never end",
    "RandomNormal": "it draws random numbers",
    "RandomNormalLike": "it draws random numbers",
    "RandomUniform": "it draws random numbers",
    "RandomUniformLike": "it draws random numbers",
    "Multinomial": "it draws random numbers",
    "Bernoulli": "it draws random numbers",
}


def _read(path: Path, limits: Limits) -> bytes:
    try:
        if not path.is_file():
            raise InputError(f"{path.name} is not a file: name an ONNX file")
        with path.open("rb") as f:
            size = os.fstat(f.fileno()).st_size
            data = f.read(size) if size <= limits.bytes else b""  # memory for all that is asked for is taken at once
    except OSError as e:
        raise InputError(f"{path.name} cannot be read ({e.strerror}): check the name and the permissions") from e
    if size > limits.bytes:
        raise InputError(f"{path.name} is larger than {limits.bytes / 1e6:.0f} MB, more than any face embedder needs")
    return data


def _check_model(model: onnx.ModelProto, limits: Limits) -> int:
    """The number of nodes. Raises _RefusedError."""
    if model.functions:
        raise _RefusedError("it has functions of its own: export it with them inlined")
    if model.training_info:
        raise _RefusedError("it holds a training step: export it for inference")
    nodes = 0
    waiting: list[tuple[onnx.GraphProto, int]] = [(model.graph, 0)]
    while waiting:
        graph, depth = waiting.pop()
        if depth > limits.depth:
            raise _RefusedError(f"its subgraphs lie more than {limits.depth} deep")
        if graph.sparse_initializer:
            raise _RefusedError("it has sparse weights: export them dense")
        for weight in graph.initializer:
            _check_tensor(weight)
        nodes += len(graph.node)
        if nodes > limits.nodes:
            raise _RefusedError(f"it has more than {limits.nodes} operators")
        for node in graph.node:
            waiting += [(inner, depth + 1) for inner in _check_node(node)]
    return nodes


def _check_node(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    """The subgraphs of a node. Raises _RefusedError."""
    if node.domain not in ("", "ai.onnx"):
        raise _RefusedError(
            f"its operator {_short(node.op_type)} is of {_short(node.domain)}, not of the ONNX standard"
        )
    if node.op_type in _REFUSED_OPS:
        raise _RefusedError(f"{_REFUSED_OPS[node.op_type]} (operator {node.op_type})")
    graphs: list[onnx.GraphProto] = []
    for attribute in node.attribute:
        if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
            raise _RefusedError("it has sparse weights: export them dense")
        for tensor in _tensors(attribute):
            _check_tensor(tensor)
        graphs += [attribute.g] if attribute.HasField("g") else []
        graphs += attribute.graphs
    return graphs


def _tensors(attribute: onnx.AttributeProto) -> Iterator[onnx.TensorProto]:
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors


def _check_tensor(tensor: onnx.TensorProto) -> None:
    """Its data are here, and as many as its shape says. Raises _RefusedError."""
    from onnx import TensorProto

    name = _short(tensor.name) or "a constant"
    if tensor.data_location != TensorProto.DEFAULT or tensor.external_data:
        raise _RefusedError(f"the weights of {name} lie in another file: save the network as one file")
    if tensor.HasField("segment") or tensor.data_type in (TensorProto.STRING, TensorProto.UNDEFINED):
        raise _RefusedError(f"{name} is no tensor of numbers")
    if len(tensor.dims) > _MAX_AXES or any(d < 0 for d in tensor.dims):
        raise _RefusedError(f"{name} has a shape that can't be")
    wanted = math.prod(tensor.dims)
    if wanted != (held := _held(tensor)):
        size = "x".join(map(str, tensor.dims[:6]))
        raise _RefusedError(f"{name} declares {size} numbers, but holds {held}")


def _held(tensor: onnx.TensorProto) -> int:
    """How many elements a tensor's data really hold."""
    bits = _BITS.get(_type_name(tensor.data_type), 0)
    if not bits:
        raise _RefusedError(f"{_short(tensor.name) or 'a constant'} is of an unknown type")
    declared = math.prod(tensor.dims)
    if tensor.HasField("raw_data"):
        have = len(tensor.raw_data)
        return declared if have == (declared * bits + 7) // 8 else have * 8 // bits
    fields = (tensor.float_data, tensor.int32_data, tensor.int64_data, tensor.double_data, tensor.uint64_data)
    have = sum(map(len, fields))
    if bits == 4:  # two in each
        return declared if have == (declared + 1) // 2 else have * 2
    return have


_BITS = {
    "FLOAT": 32, "DOUBLE": 64, "FLOAT16": 16, "BFLOAT16": 16, "BOOL": 8,
    "INT8": 8, "INT16": 16, "INT32": 32, "INT64": 64, "UINT8": 8, "UINT16": 16, "UINT32": 32, "UINT64": 64,
    "FLOAT8E4M3FN": 8, "FLOAT8E4M3FNUZ": 8, "FLOAT8E5M2": 8, "FLOAT8E5M2FNUZ": 8, "INT4": 4, "UINT4": 4,
}  # fmt: skip
"""Of one element, by the type's name. Complex numbers and strings have no place in an embedder."""


def _type_name(number: int) -> str:
    """ "FLOAT" for 1; a number that ONNX doesn't know has no name."""
    from onnx import TensorProto

    known = number in TensorProto.DataType.values()
    return TensorProto.DataType.Name(number) if known else f"type {number}"


def _port(value: onnx.ValueInfoProto) -> Port:
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return Port(value.name, kind or "undeclared", None)
    tensor = value.type.tensor_type
    name = _type_name(tensor.elem_type)
    if not tensor.HasField("shape"):
        return Port(value.name, name, None)
    return Port(value.name, name, tuple(d.dim_value if d.dim_value > 0 else None for d in tensor.shape.dim))


def _fits(shape: Dims, wanted: Sequence[int | None]) -> bool:
    return len(shape) == len(wanted) and all(
        a is None or b is None or a == b for a, b in zip(shape, wanted, strict=True)
    )


def _text(shape: Dims) -> str:
    return "(" + ", ".join("any" if d is None else str(d) for d in shape) + ")"


def _short(text: str) -> str:
    """What a hostile file calls something, fit for one line."""
    return "".join(c if c.isprintable() else " " for c in text[:60])
