/// A record as its log knows it: enough to see whether a topic still is the one that it was.
///
/// A record keeps its offset and its time for as long as it is there; compaction and retention remove records, but
/// change none. A topic that was made anew has its own records at the same offsets, with times of their own.
struct RecordMark: Hashable, Sendable {
    let offset: Int64
    /// When it was produced or appended, whichever the topic keeps, in milliseconds since 1970.
    let timestamp: Int64
}
