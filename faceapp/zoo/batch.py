"""Networks that were exported for one picture at a time, made to take any number of them.

Only what a file declares is changed, never a weight. Whether the network really computes the same for several pictures
at once as for each alone is for whoever runs it to see (`app.model_trial` does).
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

_BATCH = "N"


def free_batch(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with the first axis of its inputs and outputs open, and of every reshaping to a first axis of
    one. `model` is left as it was."""
    freed = onnx.ModelProto()
    freed.CopyFrom(model)
    graph = freed.graph
    weights = {w.name: w for w in graph.initializer}
    for port in [*graph.input, *graph.output]:
        shape = port.type.tensor_type.shape
        if port.name not in weights and shape.dim:
            shape.dim[0].dim_param = _BATCH
    del graph.value_info[:]  # what it says of the tensors between is for one picture
    constants = {n.output[0]: n.attribute[0].t for n in graph.node if n.op_type == "Constant" and n.attribute}
    for node in [n for n in graph.node if n.op_type == "Reshape"]:
        shape_tensor = weights.get(node.input[1]) or constants.get(node.input[1])
        if shape_tensor is None or any(a.name == "allowzero" and a.i for a in node.attribute):
            continue
        axes = numpy_helper.to_array(shape_tensor).copy()
        if axes.ndim == 1 and len(axes) > 1 and axes[0] == 1:
            axes[0] = 0  # ONNX: as many as before
            name = f"{node.input[1]}.free"
            if name not in weights:
                weights[name] = numpy_helper.from_array(axes.astype(np.int64), name)
                graph.initializer.append(weights[name])
            node.input[1] = name
    return freed
