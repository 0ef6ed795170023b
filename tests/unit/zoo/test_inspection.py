"""Files that somebody brings: read as data, and refused in one line before anything of them is run or allocated."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from faceapp.errors import InputError
from faceapp.zoo.inspection import Inspection, Limits, Port, check_embedder, inspect_network
from tests.fakes.networks import DIMENSION, SIZE, altered, embedder, model, save, value, weight


@pytest.fixture
def inspect(tmp_path: Path) -> Callable[[onnx.ModelProto], Inspection]:
    return lambda made: inspect_network(save(made, tmp_path / "brought.onnx"))


def refused(act: Callable[[], object], what: str) -> None:
    with pytest.raises(InputError, match=what) as e:
        act()
    assert "\n" not in str(e.value)
    assert "brought.onnx" in str(e.value)


def test_says_what_a_network_declares(tmp_path: Path) -> None:
    file = save(embedder(), tmp_path / "brought.onnx")
    data = file.read_bytes()
    assert inspect_network(file) == Inspection(
        inputs=(Port("picture", "FLOAT", (None, 3, SIZE, SIZE)),),
        outputs=(Port("embedding", "FLOAT", (None, DIMENSION)),),
        bytes=len(data),
        opset=17,
        nodes=2,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def test_a_weight_that_is_also_an_input_is_none(inspect: Callable[[onnx.ModelProto], Inspection]) -> None:
    made = embedder()
    made.graph.input.append(value("w", [3 * SIZE * SIZE, DIMENSION]))
    assert [p.name for p in inspect(made).inputs] == ["picture"]


# What is no network


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 40, b"not a network at all, just a text of some length", b"PK\x03\x04", b"\x08\x08"]
)
def test_what_is_no_network_is_told(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "brought.onnx"
    file.write_bytes(data)
    refused(lambda: inspect_network(file), "no ONNX network")


@pytest.mark.parametrize("part", [0.02, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_told(tmp_path: Path, part: float) -> None:
    file = save(embedder(), tmp_path / "brought.onnx")
    file.write_bytes(file.read_bytes()[: int(part * file.stat().st_size)])
    refused(lambda: inspect_network(file), "no ONNX network, or is cut off|declares")


def test_a_folder_or_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "brought.onnx").mkdir()
    refused(lambda: inspect_network(tmp_path / "brought.onnx"), "not a file")
    refused(lambda: inspect_network(tmp_path / "no" / "brought.onnx"), "not a file")


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "brought.onnx"
    with file.open("wb") as f:
        f.truncate(3 << 30)  # a hole: takes no room on the disk
    tracemalloc.start()
    try:
        refused(lambda: inspect_network(file), "larger than 1074 MB")
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


# Weights elsewhere, weights that aren't there


@pytest.mark.parametrize("location", ["/etc/passwd", "../../../etc/passwd", "weights.bin", "", "C:\\secrets.bin"])
def test_weights_in_another_file_are_refused(
    inspect: Callable[[onnx.ModelProto], Inspection], location: str, tmp_path: Path
) -> None:
    (tmp_path / "weights.bin").write_bytes(b"\x00" * 4 * 3 * SIZE * SIZE * DIMENSION)
    made = embedder()
    made.graph.initializer[0].ClearField("raw_data")
    made.graph.initializer[0].data_location = TensorProto.EXTERNAL
    made.graph.initializer[0].external_data.add(key="location", value=location)
    refused(lambda: inspect(made), "the weights of w lie in another file")


def test_weights_in_another_file_are_found_in_a_constant_and_in_a_subgraph(
    inspect: Callable[[onnx.ModelProto], Inspection],
) -> None:
    hidden = weight("hidden", 2)
    hidden.external_data.add(key="location", value="/etc/passwd")  # even where data_location denies it
    refused(lambda: inspect(altered("Constant", value=hidden)), "hidden lie in another file")
    branch = helper.make_graph([helper.make_node("Identity", ["hidden"], ["out"])], "b", [], [value("out", [2])])
    branch.initializer.append(hidden)
    refused(lambda: inspect(altered("If", then_branch=branch, else_branch=branch)), "hidden lie in another file")


@pytest.mark.parametrize(
    "dims", [[10_000_000_000 // 4], [50_000, 50_000], [1 << 62, 1 << 62], [2], [1] * 17, [-1, -768]]
)
def test_a_tensor_that_declares_other_than_it_holds_is_refused_at_once(
    inspect: Callable[[onnx.ModelProto], Inspection], dims: list[int]
) -> None:
    made = embedder()
    made.graph.initializer[0].dims[:] = dims
    tracemalloc.start()
    try:
        refused(lambda: inspect(made), "w declares .* but holds 6144|a shape that can't be")
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", [TensorProto.STRING, TensorProto.UNDEFINED, TensorProto.COMPLEX64, 99])
def test_a_tensor_of_something_else_is_refused(inspect: Callable[[onnx.ModelProto], Inspection], kind: int) -> None:
    made = embedder()
    made.graph.initializer[0].data_type = kind
    refused(lambda: inspect(made), "w is no tensor of numbers|w is of an unknown type")


@pytest.mark.parametrize(
    "kind", [TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT64, TensorProto.INT8, TensorProto.BOOL]
)
@pytest.mark.parametrize("raw", [True, False])
def test_every_way_to_hold_numbers_is_counted_rightly(
    inspect: Callable[[onnx.ModelProto], Inspection], kind: int, raw: bool
) -> None:
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    values = [0, 1, 1, 0, 1, 1]
    packed = b"".join(dtype.type(v).tobytes() for v in values)
    made = altered("Constant", value=helper.make_tensor("c", kind, [2, 3], packed if raw else values, raw=raw))
    assert inspect(made).nodes == 3


def test_sparse_weights_are_refused(inspect: Callable[[onnx.ModelProto], Inspection]) -> None:
    made = embedder()
    made.graph.sparse_initializer.add(dims=[1 << 40])
    refused(lambda: inspect(made), "sparse weights")
    sparse = onnx.SparseTensorProto(dims=[1 << 40])
    refused(lambda: inspect(altered("Constant", sparse_value=sparse)), "sparse weights")


# Operators


@pytest.mark.parametrize("domain", ["com.microsoft", "evil.example", "ai.onnx.ml", "x\ny"])
def test_operators_of_somebodys_own_are_refused(inspect: Callable[[onnx.ModelProto], Inspection], domain: str) -> None:
    refused(lambda: inspect(altered("Run", domain=domain)), "operator Run is of .*, not of the ONNX standard")


@pytest.mark.parametrize("op", ["Loop", "Scan", "RandomNormalLike", "Bernoulli"])
def test_loops_and_random_numbers_are_refused(inspect: Callable[[onnx.ModelProto], Inspection], op: str) -> None:
    refused(lambda: inspect(altered(op)), f"operator {op}")


def test_functions_and_training_steps_are_refused(inspect: Callable[[onnx.ModelProto], Inspection]) -> None:
    made = embedder()
    made.functions.add(name="f", domain="")
    refused(lambda: inspect(made), "functions of its own")
    made = embedder()
    made.training_info.add()
    refused(lambda: inspect(made), "training step")


def nested(depth: int) -> onnx.ModelProto:
    branch = helper.make_graph([helper.make_node("Identity", ["plain"], ["out"])], "b", [], [value("out", [2])])
    for _ in range(depth - 1):
        node = helper.make_node("If", ["plain"], ["out"], then_branch=branch, else_branch=branch)
        branch = helper.make_graph([node], "b", [], [value("out", [2])])
    return altered("If", then_branch=branch)


def test_subgraphs_may_lie_some_levels_deep_and_no_more(inspect: Callable[[onnx.ModelProto], Inspection]) -> None:
    assert inspect(nested(2)).nodes == 6  # the honest two, the outer, the inner, and one in each of its branches
    refused(lambda: inspect(nested(9)), "subgraphs lie more than 8 deep")


def test_subgraphs_too_deep_for_the_reader_are_refused(tmp_path: Path) -> None:
    data = embedder().graph.SerializeToString()
    for _ in range(300):  # graph > node > attribute > graph, each with its length before it
        attribute = b"\x32" + varint(len(data)) + data
        node = b"\x2a" + varint(len(attribute)) + attribute
        data = b"\x0a" + varint(len(node)) + node
    file = tmp_path / "brought.onnx"
    file.write_bytes(b"\x08\x08\x42\x02\x10\x11\x3a" + varint(len(data)) + data)
    refused(lambda: inspect_network(file), "no ONNX network")


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def test_too_many_operators_are_refused(tmp_path: Path) -> None:
    file = save(embedder(), tmp_path / "brought.onnx")
    assert inspect_network(file, limits=Limits(nodes=2)).nodes == 2
    refused(lambda: inspect_network(file, limits=Limits(nodes=1)), "more than 1 operators")


# Inputs and outputs


def declared(inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
    return model([helper.make_node("Identity", ["picture"], ["embedding"])], [], inputs=inputs, outputs=outputs)


PICTURE, RESULT = value("picture", ["N", 3, SIZE, SIZE]), value("embedding", ["N", DIMENSION])


@pytest.mark.parametrize(
    ("inputs", "outputs", "what"),
    [
        ([PICTURE, value("more", [1])], [RESULT], "has 2 inputs"),
        ([PICTURE], [RESULT, value("more", [1])], "has 2 outputs"),
        ([value("picture", ["N", 3, SIZE, SIZE], TensorProto.UINT8)], [RESULT], "its input is UINT8"),
        ([PICTURE], [value("embedding", ["N", DIMENSION], TensorProto.INT64)], "its output is INT64"),
        ([value("picture", ["N", SIZE, SIZE, 3])], [RESULT], r"takes \(any, 16, 16, 3\)"),
        ([value("picture", ["N", 3, 112, 112])], [RESULT], r"takes \(any, 3, 112, 112\)"),
        ([PICTURE], [value("embedding", ["N", DIMENSION, 1, 1])], r"gives \(any, 8, 1, 1\)"),
        ([value("picture", [1, 3, SIZE, SIZE])], [RESULT], "exactly 1 picture at a time"),
    ],
)
def test_other_inputs_and_outputs_are_refused(
    inspect: Callable[[onnx.ModelProto], Inspection],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    what: str,
) -> None:
    found = inspect(declared(inputs, outputs))
    refused(lambda: check_embedder(found, "brought.onnx", SIZE), what)


def test_sizes_that_are_left_open_are_tried(inspect: Callable[[onnx.ModelProto], Inspection]) -> None:
    found = inspect(declared([value("picture", ["N", 3, "h", "w"])], [value("embedding", ["N", "D"])]))
    assert check_embedder(found, "brought.onnx", SIZE) == "picture"


def test_what_a_hostile_file_calls_things_stays_on_one_line(inspect: Callable[[onnx.ModelProto], Inspection]) -> None:
    made = embedder()
    made.graph.initializer[0].name = "two\nlines\x1b[31m" + "x" * 5000
    made.graph.initializer[0].dims[:] = [7]
    with pytest.raises(InputError) as e:
        inspect(made)
    assert str(e.value).isprintable()
    assert len(str(e.value)) < 200
