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
    """The same network in INT8 (with the stored calibration ranges) or FP16. `model` is left as it was. Raises
    UnavailableError for a network that somebody brought and that can't be halved."""
    if precision == "int8":
        return int8.quantise(model, int8.load_ranges(ranges, network.id))
    try:
        return fp16.halve(model)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as e:
        raise UnavailableError(
            f"{network.id} does not come in FP16 ({' '.join(str(e).split())[:120]}): use FP32"
        ) from e


def serialise(model: onnx.ModelProto) -> bytes:
    """The file's bytes."""
    return bytes(model.SerializeToString(deterministic=True))
