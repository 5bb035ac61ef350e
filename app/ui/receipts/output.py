"""The two ways a receipt leaves the window: as the bytes of a PDF, and to a printer."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QPdfWriter
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from app.ui.receipts.sheet import Sheet, Strokes, draw_on

_DPI = 300
_CREATOR = "Oathdesk"


class NoPrinter(Exception):
    """This machine has no printer by the wanted name, or none at all; `wanted` may be empty."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


class NotPrinted(Exception):
    """The printer did not take the page."""


def pdf_of(sheet: Sheet, strokes: Strokes = ()) -> bytes:
    """Return `sheet` as a PDF of one page, whose words can be searched."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setTitle(title_of(sheet))
    writer.setCreator(_CREATOR)
    draw_on(writer, sheet, strokes)
    buffer.close()
    return bytes(data.data())


def print_out(sheet: Sheet, strokes: Strokes = ()) -> str:
    """Print `sheet`; return the printer's name. Raises NoPrinter and NotPrinted."""
    info = printer_named(sheet.rules.printer)
    printer = QPrinter(info, QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title_of(sheet))
    printer.setCreator(_CREATOR)
    if not draw_on(printer, sheet, strokes):
        raise NotPrinted
    return info.printerName()


def printer_named(name: str) -> QPrinterInfo:
    """Return the printer called `name`, or the usual one where it is empty. Raises NoPrinter."""
    info = QPrinterInfo.printerInfo(name) if name else QPrinterInfo.defaultPrinter()
    if info.isNull():
        raise NoPrinter(name)
    return info


def title_of(sheet: Sheet) -> str:
    """Return what the document is called; it names nobody, since a print queue is read by many."""
    return sheet.language.says(f"title.{sheet.receipt.handover.value}")
