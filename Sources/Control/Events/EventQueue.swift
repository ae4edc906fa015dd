import NIOCore

/// Events on their way to one client, as lines. What finds no room is counted, and the client is told how many there were.
/// On the event loop only.
public final class EventQueue {
  /// What the client wants to hear of.
  let kinds: Set<EventKind>
  /// Called when there is something to take again.
  var onReady: () -> Void = {}

  private let limit: Int
  private let close: (EventQueue) -> Void
  private var chunks: CircularBuffer<ByteBuffer> = []
  private var bytes = 0
  private var lost: UInt64 = 0

  /// Lines that are taken at once have about this many bytes.
  private static let chunkBytes = 64 << 10

  init(kinds: Set<EventKind>, limit: Int, close: @escaping (EventQueue) -> Void) {
    self.kinds = kinds
    self.limit = limit
    self.close = close
  }

  /// Nothing has been lost since the last look.
  var hasRoom: Bool { lost == 0 && bytes < limit }

  /// Has a line wait for the client; without room it is lost.
  func append(_ line: ByteBuffer) {
    guard hasRoom else { return lose() }
    let wasEmpty = chunks.isEmpty
    bytes += line.readableBytes
    if let last = chunks.last, last.readableBytes + line.readableBytes <= Self.chunkBytes {
      chunks[chunks.index(before: chunks.endIndex)].writeImmutableBuffer(line)
    } else {
      chunks.append(line)
    }
    if wasEmpty { onReady() }
  }

  /// Has a line wait that says nothing new: only where nothing else does.
  func beat(_ line: ByteBuffer) {
    if chunks.isEmpty { append(line) }
  }

  /// Counts an event that found no room.
  func lose() { lost += 1 }

  /// What has waited longest; nil if nothing waits. Behind the last line before a gap stands how many were lost in it.
  func take() -> ByteBuffer? {
    guard var chunk = chunks.popFirst() else { return nil }
    bytes -= chunk.readableBytes
    if chunks.isEmpty, lost > 0 {
      chunk.writeImmutableBuffer(JSONObject.line(LostEvent(count: lost)))
      lost = 0
    }
    return chunk
  }

  /// Wants nothing more.
  func cancel() { close(self) }
}
