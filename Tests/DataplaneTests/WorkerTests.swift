import Testing

/// Tests of the worker share ports and buffers, so that they run one after the other.
@Suite(.serialized) struct WorkerTests {}
