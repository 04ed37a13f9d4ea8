/// Finds the slot of a key within one batch: a hash table over the keys' bytes, without an object a key.
struct KeyIndex {
    /// Slot + 1 by hash, 0 where nothing is; a power of two, at most half full.
    private var table: [Int32]
    private var hashes: [UInt64] = []
    private var places: [Range<Int>] = []
    private var bytes: [UInt8] = []

    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        table = [Int32](repeating: 0, count: size)
    }

    /// Keys that are in it; slots are numbered from 0 in order of arrival.
    var count: Int { places.count }

    mutating func removeAll() {
        for index in table.indices { table[index] = 0 }
        hashes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Whether the key that the first `keyCount` cells of a row are is in it.
    mutating func contains(_ row: Row, keyCount: Int) -> Bool {
        let start = bytes.count
        defer { bytes.removeSubrange(start...) }
        for index in 0..<keyCount { append(row.cells[index], row.bytes) }
        let hash = Self.hash(bytes[start...])
        let mask = table.count - 1
        var position = Int(truncatingIfNeeded: hash) & mask
        while table[position] != 0 {
            let slot = Int(table[position]) - 1
            if hashes[slot] == hash, bytes[places[slot]] == bytes[start...] { return true }
            position = (position + 1) & mask
        }
        return false
    }

    /// The slot of the key that the first `keyCount` cells of a row are; a new one for a new key.
    mutating func slot(of row: Row, keyCount: Int) -> (slot: Int, isNew: Bool) {
        let start = bytes.count
        for index in 0..<keyCount { append(row.cells[index], row.bytes) }
        let place = start..<bytes.count
        let hash = Self.hash(bytes[place])
        let mask = table.count - 1
        var position = Int(truncatingIfNeeded: hash) & mask
        while table[position] != 0 {
            let slot = Int(table[position]) - 1
            if hashes[slot] == hash, bytes[places[slot]] == bytes[place] {
                bytes.removeSubrange(place)
                return (slot, false)
            }
            position = (position + 1) & mask
        }
        table[position] = Int32(places.count + 1)
        hashes.append(hash)
        places.append(place)
        if places.count * 2 > table.count { grow() }
        return (places.count - 1, true)
    }

    /// Length-prefixed, so that ("ab", "c") and ("a", "bc") differ.
    private mutating func append(_ cell: Cell, _ text: [UInt8]) {
        switch cell {
        case .integer(let value): withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        case .text(let range):
            withUnsafeBytes(of: range.count) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: text[range])
        case .absent, .null: preconditionFailure("a key column is never null: the decoder refuses it")
        }
    }

    private mutating func grow() {
        table = [Int32](repeating: 0, count: table.count * 2)
        let mask = table.count - 1
        for (slot, hash) in hashes.enumerated() {
            var position = Int(truncatingIfNeeded: hash) & mask
            while table[position] != 0 { position = (position + 1) & mask }
            table[position] = Int32(slot + 1)
        }
    }

    /// FNV-1a, 64 bits, with a final mix: the low bits choose the place.
    private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash ^ (hash >> 32)
    }
}
