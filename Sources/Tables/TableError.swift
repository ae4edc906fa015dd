import Glibc

/// Why a table refused a request. A refused request leaves every table as it was.
public enum TableError: Error, Equatable, CustomStringConvertible {
  /// The kernel refused `bytes` of virtual address space with this `errno`.
  case reservationFailed(bytes: Int, errno: Int32)
  /// The request needs more than the arena's limit of `bytes`.
  case memoryLimit(bytes: Int)
  /// The dense table index is not below 65,536.
  case tableIndexOutOfRange(UInt32)
  /// A table of this index exists already.
  case tableExists(UInt32)
  /// No table of this index exists.
  case noSuchTable(UInt32)
  /// The prefix length is negative or longer than the address.
  case lengthOutOfRange(Int, maximum: Int)
  /// The address has bits set beyond the prefix length; `network` is the prefix without them.
  case hostBitsSet(prefix: String, network: String)
  /// The value is 0 (which means no route) or needs more than 31 bits.
  case valueOutOfRange(UInt32)

  /// What is wrong and how to mend it, in one line.
  public var description: String {
    switch self {
    case .reservationFailed(let bytes, let code):
      "cannot reserve \(bytes) bytes of address space for route tables: \(String(cString: strerror(code)));"
        + " raise `ulimit -v`, or set vm.overcommit_memory to 0 or 1, or reserve less"
    case .memoryLimit(let bytes):
      "route tables would need more than their limit of \(bytes) bytes; raise the limit or remove routes"
    case .tableIndexOutOfRange(let index):
      "table index \(index) is out of range; indexes are 0 to \(RootArray.capacity - 1)"
    case .tableExists(let index):
      "table index \(index) is in use already; choose another or remove that table first"
    case .noSuchTable(let index):
      "there is no table of index \(index); create it before its routes"
    case .lengthOutOfRange(let length, let maximum):
      "prefix length \(length) is out of range; it must be 0 to \(maximum)"
    case .hostBitsSet(let prefix, let network):
      "\(prefix) has bits set beyond its prefix length; did you mean \(network)?"
    case .valueOutOfRange(let value):
      "route value \(value) is out of range; it must be 1 to \(Cell.maximumValue)"
    }
  }
}
