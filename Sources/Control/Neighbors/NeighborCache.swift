import Dataplane
import Wire

/// What is known of the neighbours on every link, and what is to be asked (RFC 4861, section 7.3; for ARP the same
/// states, as in Linux).
///
/// It knows no packet and no clock: it is told what arrived and what time it is, and answers with ``Action``s.
struct NeighborCache {
  /// A neighbour's place.
  struct Key: Hashable {
    var interface: Int
    var address: IPAddress
  }

  /// How far the neighbour's Ethernet address is known.
  enum State: String, Sendable {
    /// Configured: never asked for, never aged.
    case permanent
    /// Asked for the first time; packets wait.
    case incomplete
    /// It has answered not long ago.
    case reachable
    /// It has said something, but not that it hears this node; or it has not been heard for long.
    case stale
    /// Being asked whether it is still there.
    case probe
    /// It did not answer.
    case failed
  }

  struct Entry {
    var state: State
    var mac: MACAddress?
    /// Milliseconds at which the state is to change by itself.
    var deadline: UInt64 = .max
    /// Questions asked in this state.
    var asked = 0
  }

  /// What is to be done.
  enum Action: Equatable {
    /// Ask everybody, or with an Ethernet address that neighbour alone.
    case ask(Key, MACAddress?)
    /// The neighbour's Ethernet address is this now; packets that wait for it may go.
    case resolved(Key, MACAddress)
    /// It does not answer: packets that wait cannot be sent.
    case lost(Key)
    /// Nothing is known of it any more, as at the start: packets that wait cannot be sent, and the next one has it asked for.
    case forgotten(Key)
    /// It has not answered for long: ``NeighborCache/retry(_:now:)`` or ``NeighborCache/remove(_:)``.
    case expired(Key)
  }

  /// Milliseconds between questions (RFC 4861, section 10: RETRANS_TIMER).
  static let askInterval: UInt64 = 1000
  /// Questions to everybody, or to one neighbour (MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT).
  static let askLimit = 3
  /// Milliseconds for which an answer counts (REACHABLE_TIME).
  static let reachableTime: UInt64 = 30_000
  /// Milliseconds after which a neighbour that has only spoken by itself is asked (DELAY_FIRST_PROBE_TIME).
  static let delayTime: UInt64 = 5_000
  /// Milliseconds for which a neighbour that did not answer is remembered.
  static let failedTime: UInt64 = 10_000
  /// Neighbours that are learned at most.
  static let limit = 65_536

  private(set) var entries: [Key: Entry] = [:]
  /// Whether ``takeTransitions()`` is to have something.
  var keepsTransitions = false
  private var transitions: [Transition] = []

  /// A neighbour that came, went, or is known in another way.
  struct Transition {
    var key: Key
    var old: Entry?
    var new: Entry?
  }

  /// The transitions since the last time.
  mutating func takeTransitions() -> [Transition] {
    defer { transitions.removeAll() }
    return transitions
  }

  private subscript(key: Key) -> Entry? {
    get { entries[key] }
    set {
      if keepsTransitions {
        let old = entries[key]
        if old?.state != newValue?.state || old?.mac != newValue?.mac {
          transitions.append(Transition(key: key, old: old, new: newValue))
        }
      }
      entries[key] = newValue
    }
  }

  // MARK: Configured

  /// Those of the configuration.
  init(configuredIn state: ForwardingState) {
    for entry in state.configuration.neighbors {
      let key = Key(interface: state.interfaceIndex(entry.port), address: entry.address)
      entries[key] = Entry(state: .permanent, mac: entry.mac)
    }
  }

  /// None.
  init() {}

  /// Sets a neighbour that never ages.
  mutating func setPermanent(_ key: Key, _ mac: MACAddress) -> [Action] {
    self[key] = Entry(state: .permanent, mac: mac)
    return [.resolved(key, mac)]
  }

  /// Forgets a neighbour.
  mutating func remove(_ key: Key) -> [Action] {
    guard entries[key] != nil else { return [] }
    self[key] = nil
    return [.forgotten(key)]
  }

  /// Forgets the neighbours of an interface without a link that were not configured.
  mutating func forgetLearned(_ interface: Int) -> [Action] {
    let learned = entries.filter { $0.key.interface == interface && $0.value.state != .permanent }.keys
    for key in learned { self[key] = nil }
    return learned.map { .lost($0) }
  }

  /// Asks a neighbour again that did not answer, while nothing waits for it.
  mutating func retry(_ key: Key, now: UInt64) -> [Action] {
    guard entries[key]?.state == .failed else { return [] }
    entries[key]?.deadline = now + Self.failedTime
    return [.ask(key, nil)]
  }

  // MARK: What packets say

  /// A packet waits for a neighbour; nil: there is no room for one more.
  ///
  /// - Parameter asksAgain: One that is being asked for is so once more.
  mutating func want(_ key: Key, now: UInt64, asksAgain: Bool = false) -> [Action]? {
    switch entries[key]?.state {
    case .permanent, .reachable, .stale, .probe: return []
    case .incomplete: return asksAgain ? [.ask(key, nil)] : []
    case .failed, nil:
      guard entries[key] != nil || makesRoom() else { return nil }
      self[key] = Entry(state: .incomplete, deadline: now + Self.askInterval, asked: 1)
      return [.ask(key, nil)]
    }
  }

  /// Removes a neighbour that did not answer, if the cache is full; false: there is none.
  private mutating func makesRoom() -> Bool {
    if entries.count < Self.limit { return true }
    guard let failed = entries.first(where: { $0.value.state == .failed })?.key else { return false }
    self[failed] = nil
    return true
  }

  /// A neighbour asked for an address of ours and said its own (RFC 826; RFC 4861, section 7.2.3).
  mutating func hears(_ key: Key, _ mac: MACAddress, now: UInt64) -> [Action] {
    guard let entry = entries[key] else {
      guard makesRoom() else { return [] }
      return set(key, mac, .stale, now)
    }
    switch entry.state {
    case .permanent: return []
    case .reachable, .stale, .probe: return entry.mac == mac ? [] : set(key, mac, .stale, now)
    case .incomplete, .failed: return set(key, mac, .stale, now)
    }
  }

  /// A neighbour answered, or announced itself (RFC 4861, section 7.2.5).
  ///
  /// - Parameters:
  ///   - isSolicited: It answers a question of ours.
  ///   - overrides: Another address than the known one is to be believed.
  mutating func answers(
    _ key: Key, _ mac: MACAddress?, isSolicited: Bool, overrides: Bool, now: UInt64
  ) -> [Action] {
    guard let entry = entries[key], entry.state != .permanent else { return [] }
    guard let known = entry.mac, entry.state != .incomplete, entry.state != .failed else {
      guard let mac else { return [] }
      return set(key, mac, isSolicited ? .reachable : .stale, now)
    }
    let isOther = mac != nil && mac != known
    if isOther && !overrides {
      if entry.state == .reachable { self[key]?.state = .stale }
      return []
    }
    if isSolicited { return set(key, mac ?? known, .reachable, now) }
    return isOther ? set(key, mac ?? known, .stale, now) : []
  }

  private mutating func set(_ key: Key, _ mac: MACAddress, _ state: State, _ now: UInt64) -> [Action] {
    let isNew = entries[key]?.mac != mac
    let time = state == .reachable ? Self.reachableTime : Self.delayTime
    self[key] = Entry(state: state, mac: mac, deadline: now + time)
    return isNew ? [.resolved(key, mac)] : []
  }

  // MARK: Time

  /// What is due.
  mutating func advance(now: UInt64) -> [Action] {
    var actions: [Action] = []
    for (key, entry) in entries where entry.deadline <= now { actions += due(key, entry, now) }
    return actions
  }

  private mutating func due(_ key: Key, _ entry: Entry, _ now: UInt64) -> [Action] {
    switch entry.state {
    case .permanent: return []
    case .failed:
      entries[key]?.deadline = .max
      return [.expired(key)]
    case .reachable, .stale:
      self[key] = Entry(state: .probe, mac: entry.mac, deadline: now + Self.askInterval, asked: 1)
      return [.ask(key, entry.mac)]
    case .incomplete, .probe:
      guard entry.asked < Self.askLimit else {
        self[key] = Entry(state: .failed, deadline: now + Self.failedTime)
        return [.lost(key)]
      }
      entries[key]?.asked += 1
      entries[key]?.deadline = now + Self.askInterval
      return [.ask(key, entry.mac)]
    }
  }
}
