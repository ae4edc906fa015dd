/// Changes, inserts, removes or repeats a few bytes at a random place.
///
/// - Parameter telling: Bytes that mean something in the format.
public func mutate(_ bytes: inout [UInt8], _ telling: [UInt8], _ random: inout SeededRandom) {
  guard !bytes.isEmpty else { return bytes = [telling[random.below(telling.count)]] }
  let place = random.below(bytes.count)
  let byte = telling[random.below(telling.count)]
  switch random.below(5) {
  case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
  case 1: bytes[place] = byte
  case 2: bytes.insert(byte, at: place)
  case 3: bytes.removeSubrange(place..<min(place + 1 + random.below(20), bytes.count))
  default: bytes.insert(contentsOf: bytes[place..<min(place + 40, bytes.count)], at: place)
  }
}
