import Testing

@testable import Tables

@Suite struct DeferredFreesTests {
  @Test func freesWaitForTheirGracePeriodAndRunInOrder() {
    let gracePeriod = ManualGracePeriod()
    let frees = DeferredFrees(gracePeriod: gracePeriod)
    var freed: [Int] = []
    frees.retire { freed.append(1) }
    frees.retire { freed.append(2) }
    #expect(frees.reclaim() == 0)
    gracePeriod.endAll()
    frees.retire { freed.append(3) }
    #expect(freed == [])
    #expect(frees.reclaim() == 2)
    #expect(freed == [1, 2])
    #expect(frees.count == 1)
    gracePeriod.endAll()
    #expect(frees.reclaim() == 1)
    #expect(freed == [1, 2, 3])
  }

  @Test func aFreeMayRetireAnother() {
    let gracePeriod = ManualGracePeriod()
    let frees = DeferredFrees(gracePeriod: gracePeriod)
    var freed = false
    frees.retire { frees.retire { freed = true } }
    gracePeriod.endAll()
    #expect(frees.reclaim() == 1)
    #expect(!freed)
    gracePeriod.endAll()
    #expect(frees.reclaim() == 1)
    #expect(freed)
  }
}
