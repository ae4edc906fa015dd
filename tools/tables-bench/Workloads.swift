import TestSupport

/// How often prefixes of a range of lengths come, in thousandths; within a range each length comes as often.
typealias Lengths = [(lengths: ClosedRange<Int>, permille: Int)]

/// A source of random prefixes.
struct RouteSpace<Number: FixedWidthInteger & UnsignedInteger> {
  private let lengths: Lengths
  private let address: (Int, inout SeededRandom) -> Number

  /// `address` gives a random address for a prefix of a length in bits.
  init(_ lengths: Lengths, address: @escaping (Int, inout SeededRandom) -> Number) {
    self.lengths = lengths
    self.address = address
  }

  /// A random prefix with this next hop.
  func route(_ random: inout SeededRandom, value: UInt32) -> NumberedRoute<Number> {
    var draw = random.below(1000)
    var index = 0
    while draw >= lengths[index].permille {
      draw -= lengths[index].permille
      index += 1
    }
    let range = lengths[index].lengths
    let length = range.lowerBound + random.below(range.count)
    return NumberedRoute(covering: address(length, &random), length: length, value: value)
  }

  /// Routes to `count` distinct prefixes in random order, their next hops distinct as long as there are fewer than
  /// 2^`valueBits`.
  func routes(_ count: Int, _ random: inout SeededRandom, valueBits: Int = 20) -> [NumberedRoute<Number>] {
    var seen = Set<NumberedRoute<Number>.Prefix>(minimumCapacity: count)
    var routes: [NumberedRoute<Number>] = []
    routes.reserveCapacity(count)
    while routes.count < count {
      // An odd factor permutes the numbers below a power of two.
      let value = 1 + UInt32(truncatingIfNeeded: routes.count &* 0x9_e375) & (1 << valueBits - 1)
      let route = route(&random, value: value)
      if seen.insert(route.prefix).inserted { routes.append(route) }
    }
    return routes
  }
}

extension RouteSpace<UInt32> {
  private static var internet: Lengths {
    [(24...24, 600), (23...23, 110), (22...22, 110), (16...21, 140), (25...32, 40)]
  }

  /// The Internet's lengths over the unicast addresses.
  static var unicast: Self {
    Self(internet) { _, random in
      while true {
        let address: UInt32 = randomNumber(&random)
        let octet = address >> 24
        if (1...223).contains(octet) && octet != 10 && octet != 127 { return address }
      }
    }
  }

  /// The Internet's lengths within 10.0.0.0/8, as tenants have them.
  static var tenant: Self {
    Self(internet) { _, random in 10 << 24 | randomNumber(&random) & 0xff_ffff }
  }
}

extension RouteSpace<UInt128> {
  private static var internet: Lengths { [(48...48, 450), (32...32, 150), (33...64, 350), (128...128, 50)] }

  /// The Internet's lengths, everywhere in 2000::/3.
  static var uniform: Self {
    Self(internet) { _, random in 1 << 125 | randomNumber(&random) >> 3 }
  }

  /// The Internet's lengths where it has them: `blocks` different /32s in the registries' /12s, and nine in ten of
  /// what is longer inside those.
  static func clustered(blocks count: Int, _ random: inout SeededRandom) -> Self {
    let registries: [UInt128] = [0x240, 0x260, 0x280, 0x2a0, 0x2c0]
    let blocks: [UInt128] = (0..<count).map { _ in
      registries[random.below(registries.count)] << 116 | randomNumber(&random) >> 12 & NumberedRoute.mask(32)
    }
    return Self(internet) { length, random in
      let within: UInt128 = randomNumber(&random) & ~NumberedRoute.mask(32)
      if length == 32 || random.below(10) > 0 { return blocks[random.below(count)] | within }
      return registries[random.below(registries.count)] << 116 | randomNumber(&random) >> 12
    }
  }

  /// SIDs of one locator: /128s with random function bits under fc00:0:1::/48.
  static var sids: Self {
    Self([(128...128, 1000)]) { _, random in 0xfc00_0000_0001 << 80 | randomNumber(&random) >> 48 }
  }
}

/// A table's routes under random changes, and the changes.
struct ChangingRoutes<Number: FixedWidthInteger & UnsignedInteger> {
  private(set) var routes: [NumberedRoute<Number>]
  private var present: Set<NumberedRoute<Number>.Prefix>
  private let space: RouteSpace<Number>

  /// Starts from `routes`; those added are of `space`.
  init(_ routes: [NumberedRoute<Number>], space: RouteSpace<Number>) {
    self.routes = routes
    self.space = space
    present = Set(routes.map(\.prefix))
  }

  /// One random change, of which one in three replaces a next hop. Of the rest, `adding` in six add a route while
  /// the others, up to four, remove one.
  mutating func change(_ random: inout SeededRandom, adding: Int = 2) -> Change<Number> {
    let draw = random.below(6)
    let value = UInt32(1 + random.below(1 << 20))
    if draw < adding || routes.isEmpty {
      var route = space.route(&random, value: value)
      while !present.insert(route.prefix).inserted { route = space.route(&random, value: value) }
      routes.append(route)
      return .set(route)
    }
    let index = random.below(routes.count)
    if draw >= 4 {
      routes[index].value = value
      return .set(routes[index])
    }
    let removed = routes[index]
    routes[index] = routes[routes.count - 1]
    routes.removeLast()
    present.remove(removed.prefix)
    return .remove(removed)
  }
}
