"""FP16 networks for CUDA: weights and arithmetic in half precision, inputs and results in single."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_LARGEST = float(np.finfo(np.float16).max)
_SMALLEST = float(np.finfo(np.float16).smallest_subnormal)


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network with every float32 weight in float16 (beyond its range clipped) and a cast at each end.

    Names, shapes and order of inputs and results stay. Values within the network are float16; a network's constant
    results stay float32. `model` is left as it was.
    """
    graph = model.graph
    made_by = {output for node in graph.node for output in node.output}
    inputs = [i.name for i in graph.input]
    results = [o.name for o in graph.output if o.name in made_by]
    renamed = {name: f"{name}.fp16" for name in (*inputs, *results)}
    constant_results = {o.name for o in graph.output} - set(results)

    nodes = [_cast(name, renamed[name], TensorProto.FLOAT16) for name in inputs]
    for node in graph.node:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [renamed.get(n, n) for n in node.input]
        copy.output[:] = [renamed.get(n, n) for n in node.output]
        nodes.append(copy)
    nodes += [_cast(renamed[name], name, TensorProto.FLOAT) for name in results]

    weights = [w if w.name in constant_results else _halved(w) for w in graph.initializer]
    new_graph = helper.make_graph(nodes, graph.name, list(graph.input), list(graph.output), weights)
    halved = helper.make_model(
        new_graph, producer_name="faceapp", ir_version=model.ir_version, opset_imports=list(model.opset_import)
    )
    onnx.checker.check_model(halved, full_check=True)
    return halved


def _cast(source: str, target: str, kind: int) -> onnx.NodeProto:
    return helper.make_node("Cast", [source], [target], name=f"{target}.cast", to=kind)


def _halved(weight: onnx.TensorProto) -> onnx.TensorProto:
    if weight.data_type != TensorProto.FLOAT:
        return weight
    single = numpy_helper.to_array(weight)
    if single.size == 1 and single.any():  # a floor against division by zero must not become zero
        single = np.where(np.abs(single) < _SMALLEST, np.copysign(_SMALLEST, single), single)
    values = np.clip(single, -_LARGEST, _LARGEST).astype(np.float16)
    return numpy_helper.from_array(values, weight.name)
