import Dataplane
import Tables

/// What a transaction wants of those who forward.
struct Workers {
  /// Puts the state before the workers, and returns when none has an older one.
  var publish: () -> Void
  /// Takes what workers have punted, whose next hops mean something until the transaction ends.
  var takePunts: () -> Void = {}
}

// How a transaction becomes visible. A packet meets what was before or what is after, and never something of both: prefixes
// that change get cells in between, whose next hops and SIDs are the old ones until one publication makes all of them the
// new ones. A worker takes a publication between two bursts.

extension ForwardingState {
  /// Has workers go over to what was staged.
  ///
  /// - Parameter hasNewIndexes: There are next hops or policies that workers do not know.
  /// - Throws: ``TableError`` when memory ends; workers have then seen nothing of it.
  func commit(
    _ changes: StateChanges, hasNewIndexes: Bool, _ pacer: Pacer, _ workers: Workers
  ) throws(TableError) {
    let count = rib.findMoves()
    let changesMore = changes.encapSource != nil || !changes.vrfs.isEmpty
    let flips = sids.changingCount + (changesMore ? 1 : 0)
    var unsettled: Set<Int> = []
    if count + flips > 1 {
      try showMoves(count, pacer, workers)
      flip(changes, workers)
    } else if flips > 0 || hasNewIndexes || changes.sids.contains(where: { $0.new != nil }) {
      flip(changes, workers)
    }
    for index in 0..<count {
      do throws(TableError) {
        try rib.settle(index)
      } catch {
        // Its cell goes on standing for what is after.
        if count + flips == 1 { throw error }
        unsettled.insert(index)
      }
      pacer.step()
    }
    end(unsettled, workers)
  }

  /// Gives every prefix that changes a cell that stands for what was there before.
  private func showMoves(_ count: Int, _ pacer: Pacer, _ workers: Workers) throws(TableError) {
    var shown: [RouteTarget] = []
    for index in 0..<count {
      shown.append(inBetween(rib.move(index)))
      pacer.step()
    }
    workers.publish()
    for (index, target) in shown.enumerated() {
      do throws(TableError) {
        try rib.show(index, target)
      } catch {
        for index in 0..<index { rib.hide(index) }
        throw error
      }
      pacer.step()
    }
  }

  /// What stands for both sides of a move.
  private func inBetween(_ move: RIB.Move) -> RouteTarget {
    let (before, after) = (move.before, move.after)
    if before.isSID == after.isSID && before.index == after.index { return before }
    guard before.isSID || after.isSID else {
      return .nextHop(nextHops.transition(from: before.index, to: after.index))
    }
    let old = before.isSID ? sids.before(before.index) : .absent(nextHop: before.index)
    let new = after.isSID ? sids.compiled[after.index] : .absent(nextHop: after.index)
    // The prefix's own SID is told what it is on the other side; that of a prefix around it means more than this one.
    if after.isSID && move.isThereAfter {
      sids.setBefore(after.index, old)
      return after
    }
    if before.isSID && move.wasThereBefore {
      sids.setAfter(before.index, new)
      return before
    }
    return .sid(sids.transition(before, after, from: old, to: new))
  }

  /// The publication by which everything changes.
  private func flip(_ changes: StateChanges, _ workers: Workers) {
    if let source = changes.encapSource { setEncapSource(source.new) }
    sids.flip()
    nextHops.flipTransitions()
    workers.publish()
  }

  private func end(_ unsettled: Set<Int>, _ workers: Workers) {
    if nextHops.hasTransitions { workers.takePunts() }
    let kept = unsettled.compactMap { index -> Int? in
      let shown = rib.move(index).shown
      return shown.isSID ? nil : shown.index
    }
    rib.endTransaction(unsettled: unsettled.sorted())
    sids.endChanges()
    nextHops.endTransitions(keeping: Set(kept))
  }
}
