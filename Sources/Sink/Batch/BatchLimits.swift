/// How large a batch may get: it is full with the first of these.
///
/// A record is taken whole, so a batch may be larger by one record.
struct BatchLimits: Hashable, Sendable {
    /// Records.
    var recordCount = 5_000
    /// Memory that the changes of all its tables take.
    var byteCount = 64 << 20
    /// Bytes of the records themselves, where the lane keeps them.
    static let heldByteCount = BatchDivision<HeldMessage>.heldByteLimit
    /// Bytes of the records that go aside.
    static let deadLetterByteCount = DeadLetterTable.readByteCount

    /// Whether a batch takes another record.
    func haveRoom(in batch: Batch) -> Bool {
        batch.recordCount < recordCount && batch.byteCount < byteCount
            && batch.deadLetterByteCount < Self.deadLetterByteCount
            && batch.heldByteCount < Self.heldByteCount
    }
}
