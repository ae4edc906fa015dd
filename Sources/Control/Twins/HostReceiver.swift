import CDPDKShim
import Dataplane

/// Who has what workers punt for the host.
protocol HostReceiver: AnyObject {
  /// Takes a packet as a worker punted it: from its IP or ARP header on, or a whole frame of the kinds that are frames. The
  /// packet stays the caller's.
  func deliver(_ mbuf: Mbuf, _ note: ntl_note)
}

/// The host of `explain`, where there is none: it remembers which twins would have had what.
final class ExplainedHost: HostReceiver {
  private let state: ForwardingState
  private let choice: TwinChoice
  private var names: [String] = []

  init(_ state: ForwardingState) {
    self.state = state
    choice = TwinChoice(state)
  }

  func deliver(_ mbuf: Mbuf, _ note: ntl_note) {
    guard PuntKind(rawValue: note.kind)?.isForHost == true else { return }
    let tap = choice.interface(mbuf, note).flatMap { state.interfaces[$0].entry.tap }
    names.append(tap ?? "")
  }

  /// What is to be said after a step: of a packet for the host, in the order in which they were punted, which twin has it.
  func words(after step: TraceStep) -> String {
    guard case .punt(let kind) = step, kind.isForHost, !names.isEmpty else { return "" }
    return " to tap \(names.removeFirst())"
  }
}
