"""Which of the two ports of OpenFace's nn4.small2 its weights were trained as, asked of the weights themselves.

    .venv/bin/python tests/bench/openface.py --csv DIR --cfp DIR

A batch norm holds mean and variance of what reached it in training. Photographs of faces (CFP's 60 `tune` people, 3
each) are put through the network as we build it, and with average pooling in place of L2 pooling, without response
normalisation, with the colours in the other order; for each batch norm it prints how far the mean of what reaches it
lies from the stored one (in stored standard deviations) and the standard deviation over the stored one, medians over
channels. 0 and 1 are best. Tensors that `--csv` lacks get seeded numbers, and no batch norm behind them is shown.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from faceapp.app.parts import Parts
from faceapp.images import read_image
from faceapp.vision.crops import similarity_crop
from faceapp.zoo.openface import CROP_POINTS
from faceapp.zoo.openface_graph import SIZE, build, tensor_shapes

Tensors = dict[str, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--cfp", type=Path, required=True)
    arguments = parser.parse_args()
    tensors, lacking = read(arguments.csv)
    pictures = crops(arguments.cfp)
    columns = {
        "as built": figures(tensors, lacking, pictures),
        "average": figures(tensors, lacking, pictures, average=True),
        "no LRN": figures(tensors, lacking, pictures, respond=False),
        "BGR": figures(tensors, lacking, pictures[:, ::-1]),
    }
    print(f"{len(pictures)} pictures; {len(lacking)} tensors lacking")
    print(f"{'':24}", *(f"{name:12}" for name in columns))
    for norm in columns["as built"]:
        print(f"{norm:24}", *(f"{mean:4.2f} {spread:4.2f}   " for mean, spread in (c[norm] for c in columns.values())))


def read(folder: Path) -> tuple[Tensors, list[str]]:
    """The tensors, seeded numbers where a file is missing, and which those are."""
    rng = np.random.default_rng(0)
    tensors, lacking = {}, []
    for name, shape in tensor_shapes().items():
        file = folder / f"{name}.csv"
        if file.exists():
            tensors[name] = np.loadtxt(file, np.float32, delimiter=",").reshape(shape)
        else:
            tensors[name] = rng.normal(0, 1 / math.sqrt(math.prod(shape[1:])), shape).astype(np.float32)
            lacking.append(name)
    return tensors, lacking


def crops(cfp: Path) -> np.ndarray:
    """Aligned faces (N, 3, 96, 96), RGB from 0 to 1."""
    people = [line.split()[0] for line in (cfp / "split.txt").read_text().splitlines() if line.split()[1] == "tune"]
    made = []
    with Parts.open() as parts:
        detector = parts.detector()
        for person in people:
            for file in sorted((cfp / "images" / person / "frontal").glob("*.jpg"))[:3]:
                image = read_image(file)
                for face in detector.detect(image, 40)[:1]:
                    crop = similarity_crop(image, face.landmarks, np.array(CROP_POINTS, np.float32), SIZE)
                    made.append(crop[..., ::-1].transpose(2, 0, 1))
    return np.stack(made).astype(np.float32) / 255


def figures(
    tensors: Tensors, lacking: list[str], pictures: np.ndarray, *, average: bool = False, respond: bool = True
) -> dict[str, tuple[float, float]]:
    """For each batch norm: how far the mean is off, and the standard deviation."""
    import onnxruntime

    model = build(tensors)
    norms = []
    for node in model.graph.node:
        if (average and (node.op_type == "Sqrt" or node.name.endswith(".squares"))) or (
            not respond and node.op_type == "LRN"
        ):
            node.op_type = "Identity"
            del node.input[1:], node.attribute[:]
        if node.op_type == "Conv":
            norms.append(node.output[0])
    if average:  # L2 pooling's factor, the root of nine, was folded into the convolutions behind it
        for weight in model.graph.initializer:
            if weight.name in {f"inception_{block}_pool_conv.weight" for block in ("3b", "4a", "5a")}:
                weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) / np.float32(3), weight.name))
    first = next((i for i, name in enumerate(tensor_shapes()) if name in lacking), len(tensors))
    known = set(list(tensor_shapes())[:first])
    norms = [n for n in norms if f"{n}_w" in known]
    model.graph.output.extend(helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, None) for n in norms)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found = {}
    # The batch norm is folded into the convolution: what comes out has the stored shift and scale as its moments.
    for norm, values in zip(norms, session.run(norms, {"input": np.ascontiguousarray(pictures)}), strict=True):
        scale, shift = tensors[f"{norm}_w"], tensors[f"{norm}_b"]
        used = np.abs(scale) > 0.05
        rows = values.transpose(1, 0, 2, 3).reshape(len(scale), -1)[used]
        moments = (rows - shift[used, None]) / scale[used, None]
        found[norm] = float(np.median(np.abs(moments.mean(1)))), float(np.median(moments.std(1)))
    return found


if __name__ == "__main__":
    main()
