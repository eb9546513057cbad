"""ZIP archives as another program, or somebody with bad intent, would make them."""

import io
import zipfile


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of those names and contents, in that order."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as package:
        for name, content in entries:
            package.writestr(name, content)
    return stream.getvalue()
