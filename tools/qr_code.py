"""QR codes of addresses. Core's own barcodes take thirty times as long, more than the whole letter."""

import base64
import io

import qrcode
from PIL import Image

DOTS = 5  # a side of a module, in pixels
# The mask that a code is made with, any of eight: to try them all for the most even looks takes most of the time.
MASK = 2


def make_qr_code(text):
    """The QR code of ``text`` as data URI of a black and white PNG; it is read with up to 15 % of it lost."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, mask_pattern=MASK, border=4)
    code.add_data(text)
    matrix = code.get_matrix()
    image = Image.new("1", (len(matrix), len(matrix)))
    image.putdata([not dark for row in matrix for dark in row])
    file = io.BytesIO()
    image.resize((DOTS * len(matrix), DOTS * len(matrix)), Image.Resampling.NEAREST).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
