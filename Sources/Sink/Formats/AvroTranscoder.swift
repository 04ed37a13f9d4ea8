// Longer than other files: every byte of every Avro record passes here, and its steps are inlined into each other.
import ChangeEvents

/// Writes the JSON of one record while it walks over its bytes ("Binary Encoding" in Avro's specification).
///
/// Nothing that the bytes say is believed: numbers are as long as they may be, lengths lie within the record, types
/// that contain themselves end, and a few bytes do not become a flood of text.
struct AvroTranscoder: ~Copyable {
    private let steps: UnsafeBufferPointer<AvroPlan.Step>
    private let fields: UnsafeBufferPointer<AvroPlan.Field>
    private let branches: UnsafeBufferPointer<Int32>
    private let symbols: UnsafeBufferPointer<AvroPlan.Text>
    private let texts: UnsafeBufferPointer<UInt8>
    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private var depth = 0
    /// How many more values may be met: arrays of nothing, and records of nothing, take no bytes.
    private var budget: Int

    private static let depthLimit = 64
    /// Values that a record of no bytes may have.
    private static let freeBudget = 100_000

    /// Appends a record's value to `buffer`.
    ///
    /// - Parameter start: where in the bytes the value begins; it must reach to their end.
    /// - Throws: `DecodeError` for bytes that are no value of the schema.
    static func write(
        _ plan: AvroPlan,
        _ bytes: RawSpan,
        from start: Int,
        to buffer: inout TextBuffer
    ) throws(DecodeError) {
        let steps = plan.steps, fields = plan.fields, branches = plan.branches
        let symbols = plan.symbols, texts = plan.texts, root = plan.root
        try steps.withUnsafeBufferPointer { steps throws(DecodeError) in
            try fields.withUnsafeBufferPointer { fields throws(DecodeError) in
                try branches.withUnsafeBufferPointer { branches throws(DecodeError) in
                    try symbols.withUnsafeBufferPointer { symbols throws(DecodeError) in
                        try texts.withUnsafeBufferPointer { texts throws(DecodeError) in
                            try bytes.withUnsafeBytes { bytes throws(DecodeError) in
                                // SAFETY: all of these outlive the transcoder, which ends here.
                                var transcoder = AvroTranscoder(
                                    steps: steps,
                                    fields: fields,
                                    branches: branches,
                                    symbols: symbols,
                                    texts: texts,
                                    bytes: bytes,
                                    position: start,
                                    budget: freeBudget + 8 * bytes.count
                                )
                                try transcoder.value(root, &buffer)
                                try transcoder.finish()
                            }
                        }
                    }
                }
            }
        }
    }

    private init(
        steps: UnsafeBufferPointer<AvroPlan.Step>,
        fields: UnsafeBufferPointer<AvroPlan.Field>,
        branches: UnsafeBufferPointer<Int32>,
        symbols: UnsafeBufferPointer<AvroPlan.Text>,
        texts: UnsafeBufferPointer<UInt8>,
        bytes: UnsafeRawBufferPointer,
        position: Int,
        budget: Int
    ) {
        (self.steps, self.fields, self.branches) = (steps, fields, branches)
        (self.symbols, self.texts, self.bytes) = (symbols, texts, bytes)
        (self.position, self.budget) = (position, budget)
    }

    private func finish() throws(DecodeError) {
        guard position == bytes.count else {
            throw DecodeError(
                "\(bytes.count - position) bytes are left after the value that the schema describes",
                at: position
            )
        }
    }

    // MARK: Values

    private mutating func value(_ index: Int, _ buffer: inout TextBuffer) throws(DecodeError) {
        try spend()
        let step = steps[index]
        switch step.operation {
        case .null: try buffer.append("null")
        case .boolean: try buffer.append(try boolean() ? "true" : "false")
        case .int: try buffer.append(try int())
        case .long: try buffer.append(try long())
        case .float:
            let value = Float(bitPattern: UInt32(littleEndian: try load(UInt32.self)))
            try buffer.append(Double(value), text: value.description)
        case .double:
            let value = Double(bitPattern: UInt64(littleEndian: try load(UInt64.self)))
            try buffer.append(value, text: value.description)
        case .bytes: try buffer.appendBase64(UnsafeRawBufferPointer(try sized()).bytes)
        case .string: try buffer.appendQuoted(try sized())
        case .fixed: try buffer.appendBase64(UnsafeRawBufferPointer(try take(Int(step.count))).bytes)
        case .uuid: try uuid(&buffer)
        case .enumeration: try buffer.append(text(symbols[try choice(step, "symbol")]))
        case .union: try value(Int(branches[try choice(step, "branch")]), &buffer)
        case .record: try record(step, &buffer)
        case .array, .map, .entries: try items(step, &buffer)
        }
    }

    private mutating func record(_ step: AvroPlan.Step, _ buffer: inout TextBuffer) throws(DecodeError) {
        try enter()
        try buffer.append(UInt8(ascii: "{"))
        var isFirst = true
        for index in Int(step.first)..<Int(step.first) + Int(step.count) {
            let field = fields[index]
            guard !field.isSkipped else {
                try skip(Int(field.step))
                continue
            }
            let name = UnsafeBufferPointer(
                rebasing: texts[Int(field.textStart)..<Int(field.textStart) + Int(field.textCount)]
            )
            try buffer.append(isFirst ? UnsafeBufferPointer(rebasing: name[1...]) : name)
            isFirst = false
            if field.isEmptied {
                try buffer.append(try skip(Int(field.step)) ? "null" : "{}")
            } else {
                try value(Int(field.step), &buffer)
            }
        }
        try buffer.append(UInt8(ascii: "}"))
        depth -= 1
    }

    private mutating func items(_ step: AvroPlan.Step, _ buffer: inout TextBuffer) throws(DecodeError) {
        try enter()
        let isObject = step.operation == .map
        try buffer.append(isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
        var isFirst = true
        while let count = try block() {
            for _ in 0..<count {
                if !isFirst { try buffer.append(UInt8(ascii: ",")) }
                isFirst = false
                switch step.operation {
                case .map:
                    try buffer.appendQuoted(try sized())
                    try buffer.append(UInt8(ascii: ":"))
                    try value(Int(step.first), &buffer)
                case .entries:
                    try buffer.append(UInt8(ascii: "["))
                    try value(Int(step.first), &buffer)
                    try buffer.append(UInt8(ascii: ","))
                    try value(Int(step.count), &buffer)
                    try buffer.append(UInt8(ascii: "]"))
                default: try value(Int(step.first), &buffer)
                }
            }
        }
        try buffer.append(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        depth -= 1
    }

    private mutating func uuid(_ buffer: inout TextBuffer) throws(DecodeError) {
        let bytes = try take(16)
        try buffer.append(UInt8(ascii: "\""))
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { try buffer.append(UInt8(ascii: "-")) }
            for digit in [byte >> 4, byte & 15] {
                try buffer.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        try buffer.append(UInt8(ascii: "\""))
    }

    // MARK: Stepping over

    /// - Returns: whether the value was null.
    @discardableResult
    private mutating func skip(_ index: Int) throws(DecodeError) -> Bool {
        try spend()
        let step = steps[index]
        switch step.operation {
        case .null: return true
        case .boolean: _ = try boolean()
        case .int: _ = try int()
        case .long: _ = try long()
        case .float: _ = try take(4)
        case .double: _ = try take(8)
        case .bytes, .string: _ = try sized()
        case .fixed: _ = try take(Int(step.count))
        case .uuid: _ = try take(16)
        case .enumeration: _ = try choice(step, "symbol")
        case .union: return try skip(Int(branches[try choice(step, "branch")]))
        case .record:
            try enter()
            for field in Int(step.first)..<Int(step.first) + Int(step.count) {
                try skip(Int(fields[field].step))
            }
            depth -= 1
        case .array, .map, .entries:
            try enter()
            while let count = try block() {
                for _ in 0..<count {
                    if step.operation == .map { _ = try sized() }
                    try skip(Int(step.first))
                    if step.operation == .entries { try skip(Int(step.count)) }
                }
            }
            depth -= 1
        }
        return false
    }

    // MARK: Bytes

    @inline(__always)
    private mutating func spend() throws(DecodeError) {
        budget -= 1
        guard budget > 0 else { throw DecodeError("the bytes stand for too many values", at: position) }
    }

    private mutating func enter() throws(DecodeError) {
        depth += 1
        guard depth <= Self.depthLimit else {
            throw DecodeError("the value is nested too deeply", at: position)
        }
    }

    private func text(_ text: AvroPlan.Text) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: texts[Int(text.start)..<Int(text.start) + Int(text.count)])
    }

    private mutating func boolean() throws(DecodeError) -> Bool {
        switch try load(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw DecodeError("a boolean is neither 0 nor 1", at: position - 1)
        }
    }

    private mutating func int() throws(DecodeError) -> Int64 {
        let number = try long()
        guard Int64(Int32.min)...Int64(Int32.max) ~= number else {
            throw DecodeError("an int has more than 32 bits", at: position)
        }
        return number
    }

    /// A zigzag number of at most ten bytes.
    @inline(__always)
    private mutating func long() throws(DecodeError) -> Int64 {
        // SAFETY: the position is below the end, checked in front of each load; it only grows from within the bytes.
        guard position < bytes.count else { throw cutOff() }
        let first = bytes[position]
        if first < 0x80 {
            position += 1
            return Int64(first >> 1) ^ -Int64(first & 1)
        }
        return try longer()
    }

    private mutating func longer() throws(DecodeError) -> Int64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        let start = position
        while true {
            guard position < bytes.count else { throw cutOff() }
            let byte = bytes[position]
            position += 1
            guard shift < 63 || byte < 2 else {
                throw DecodeError("a number has more than 64 bits", at: start)
            }
            number |= UInt64(byte & 0x7F) << shift
            guard byte >= 0x80 else { break }
            shift += 7
        }
        return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    private mutating func choice(_ step: AvroPlan.Step, _ what: StaticString) throws(DecodeError) -> Int {
        let start = position
        let number = try long()
        guard 0 <= number, number < Int64(step.count) else {
            throw DecodeError("there is no \(what) \(number) in the schema", at: start)
        }
        return Int(step.first) + Int(number)
    }

    /// How many items follow; `nil` at the end.
    private mutating func block() throws(DecodeError) -> Int? {
        let start = position
        let count = try long()
        guard count != 0 else { return nil }
        if count < 0 { _ = try long() }
        // Each item is a value, so there are no more than values may be met.
        guard count != .min, count.magnitude <= UInt64(budget) else {
            throw DecodeError("a block has more items than the record can hold", at: start)
        }
        return Int(count.magnitude)
    }

    private mutating func sized() throws(DecodeError) -> UnsafeBufferPointer<UInt8> {
        let start = position
        let length = try long()
        guard 0 <= length, length <= Int64(bytes.count - position) else {
            throw DecodeError("a length of \(length) bytes reaches past the record's end", at: start)
        }
        return try take(Int(length))
    }

    @inline(__always)
    private mutating func take(_ length: Int) throws(DecodeError) -> UnsafeBufferPointer<UInt8> {
        guard length <= bytes.count - position else { throw cutOff() }
        let taken = UnsafeRawBufferPointer(rebasing: bytes[position..<position + length])
        position += length
        return taken.assumingMemoryBound(to: UInt8.self)
    }

    @inline(__always)
    private mutating func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type
    ) throws(DecodeError) -> Number {
        guard MemoryLayout<Number>.size <= bytes.count - position else { throw cutOff() }
        // SAFETY: so many bytes are there.
        let number = bytes.loadUnaligned(fromByteOffset: position, as: Number.self)
        position += MemoryLayout<Number>.size
        return number
    }

    private func cutOff() -> DecodeError { DecodeError("the record ends within a value", at: position) }
}
