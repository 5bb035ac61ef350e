"""Card readers and serial-port scanners: what lies on the desk, read and never written."""

from app.readers.pcsc import Pace, PcscReader
from app.readers.serial_port import SerialPortScanner, SerialScannerSettings

__all__ = ["Pace", "PcscReader", "SerialPortScanner", "SerialScannerSettings"]
