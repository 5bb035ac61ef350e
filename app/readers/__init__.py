"""Card readers and serial-port scanners: what lies on the desk, read and never written."""

from app.readers.pcsc import PcscReader
from app.readers.serial_port import SerialPortScanner, SerialScannerSettings
from app.readers.slot import Pace

__all__ = ["Pace", "PcscReader", "SerialPortScanner", "SerialScannerSettings"]
