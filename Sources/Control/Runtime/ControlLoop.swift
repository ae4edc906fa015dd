import CDPDKShim
import Logging
import NIOCore
import NIOPosix

/// The control thread: an event loop that serves the API and looks after the forwarder until a signal asks it to stop.
///
/// API requests, link polls and deferred frees all run on this one thread, EAL's main lcore, so that control's state
/// needs no locks.
public final class ControlLoop {
  /// How often links, grace periods and signals are looked at.
  static let interval = TimeAmount.milliseconds(50)

  /// How often it is looked whether workers have punted packets.
  static let puntInterval = TimeAmount.milliseconds(1)

  private let forwarder: Forwarder
  private let reload: () throws(ChangeError) -> ChangeReport
  private let log: Logger
  private let manager = ServiceManager()
  private let watchdogInterval: TimeAmount?
  /// When each of the duties is due while a change of many entries keeps the loop from them.
  private var due = (punts: NIODeadline.now(), links: NIODeadline.now(), watchdog: NIODeadline.now())
  private let loop: any EventLoop
  private var server: APIServer?
  private var failure: (any Error)?

  private init(
    _ forwarder: Forwarder, log: Logger, loop: any EventLoop, reload: @escaping () throws(ChangeError) -> ChangeReport
  ) {
    self.forwarder = forwarder
    self.log = log
    self.reload = reload
    self.loop = loop
    watchdogInterval = manager.watchdogInterval.map { TimeAmount.milliseconds(Int64($0)) }
  }

  /// Starts the forwarder and runs the loop on the calling thread until SIGINT or SIGTERM; workers are stopped when it
  /// returns, and all that they held is sent.
  ///
  /// - Parameter reload: What SIGHUP does: makes the running state equal to the configuration file.
  /// - Throws: ``StartError`` or ``APIServerError`` when the ports or the API's socket cannot be had.
  public static func run(
    _ forwarder: Forwarder, log: Logger, reload: @escaping () throws(ChangeError) -> ChangeReport
  ) throws {
    var control: ControlLoop?
    ntl_catch_signals()
    MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
      control = ControlLoop(forwarder, log: log, loop: loop, reload: reload)
      control?.begin()
    }
    forwarder.stop()
    if let failure = control?.failure { throw failure }
  }

  private func begin() {
    let handlers = APIHandlers(
      sources: { [forwarder] in forwarder.sources }, pools: { [forwarder] in forwarder.poolRows },
      changes: APIChanges(forwarder.live), events: forwarder.events)
    let control = NIOLoopBound(self, eventLoop: loop)
    forwarder.live.pause = { [unowned self] in lookAfterDuties() }
    let (api, router) = (forwarder.state.configuration.api, handlers.router)
    do throws(APIServerError) {
      let remote = try RemoteAccess(api)
      APIServer.start(
        on: loop, socket: api.socket, remote: remote, hasLargeBody: router.takesBody, routes: router.respond
      ).whenComplete { control.value.serve($0) }
    } catch {
      serve(.failure(error))
    }
  }

  private func serve(_ started: Result<APIServer, any Error>) {
    do {
      server = try started.get()
      try forwarder.start()
    } catch {
      failure = error
      return end()
    }
    manager.notify("READY=1\nSTATUS=forwarding")
    let control = NIOLoopBound(self, eventLoop: loop)
    if let interval = watchdogInterval {
      loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { task in
        control.value.manager.notify("WATCHDOG=1")
        if ntl_stop_requested() != 0 { task.cancel() }
      }
    }
    loop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { task in
      control.value.tick(task)
    }
    loop.scheduleRepeatedTask(initialDelay: Self.puntInterval, delay: Self.puntInterval) { task in
      control.value.forwarder.lookAfterNeighbors()
      if ntl_stop_requested() != 0 { task.cancel() }
    }
  }

  /// The duties of the repeated tasks, in the middle of a long change: neighbours, links and the watchdog do not wait for
  /// its end.
  private func lookAfterDuties() {
    let now = NIODeadline.now()
    guard now >= due.punts else { return }
    due.punts = now + Self.puntInterval
    forwarder.lookAfterNeighbors()
    if now >= due.links {
      due.links = now + Self.interval
      forwarder.tick()
    }
    if let watchdogInterval, now >= due.watchdog {
      due.watchdog = now + watchdogInterval
      manager.notify("WATCHDOG=1")
    }
  }

  private func tick(_ task: RepeatedTask) {
    forwarder.tick()
    forwarder.lookAfterSources()
    if ntl_take_reload_request() != 0 { applyFile() }
    guard ntl_stop_requested() != 0 else { return }
    manager.notify("STOPPING=1")
    task.cancel()
    end()
  }

  private func applyFile() {
    manager.notify("RELOADING=1")
    do throws(ChangeError) {
      let report = try reload()
      log.info(
        "configuration file applied: \(report.added) added, \(report.replaced) replaced, \(report.deleted) deleted")
    } catch {
      for message in error.messages { log.error("configuration file not applied: \(message)") }
    }
    manager.notify("READY=1")
  }

  private func end() {
    let loop = loop
    let closed = server?.stop() ?? loop.makeSucceededVoidFuture()
    closed.whenComplete { _ in loop.shutdownGracefully { _ in } }
  }
}
