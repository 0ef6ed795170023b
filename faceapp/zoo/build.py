"""Building a network: source files in, the bytes of an ONNX file out, always the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import onnx

from faceapp.errors import UnavailableError
from faceapp.zoo import caffe, dlib_net, fp16, graphdef, int8, mtcnn_net, pixels
from faceapp.zoo.specs import Network, Precision
from faceapp.zoo.wire import ConversionError


def convert(network: Network, members: Mapping[str, bytes]) -> onnx.ModelProto:
    """The FP32 network from its source files, by member name. Raises UnavailableError where they can't be read."""
    files = [members[s.member] for s in network.sources]
    try:
        if network.converter == "graphdef":
            model = graphdef.convert(files[0], name=network.id)
        elif network.converter == "dlib":
            model = dlib_net.convert(files[0], name=network.id)
        elif network.converter == "caffe-ssd":
            model = caffe.convert(files[0], files[1], name=network.id)
        elif network.converter == "pixels":
            model = pixels.build(network.id)
        else:
            model = mtcnn_net.convert(files[0])
    except ConversionError as e:
        raise UnavailableError(f"{network.id} cannot be converted: {e}: report this") from e
    return model


def reduce(model: onnx.ModelProto, network: Network, precision: Precision, ranges: Path) -> onnx.ModelProto:
    """The same network in INT8 (with the stored calibration ranges) or FP16. `model` is left as it was."""
    if precision == "int8":
        return int8.quantise(model, int8.load_ranges(ranges, network.id))
    return fp16.halve(model)


def serialise(model: onnx.ModelProto) -> bytes:
    """The file's bytes."""
    return bytes(model.SerializeToString(deterministic=True))
