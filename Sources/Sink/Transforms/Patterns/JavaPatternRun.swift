/// One search with an expression: a stack of places to go back to, and a budget.
struct JavaPatternRun {
    /// More than any expression needs for a name that is not made to hurt: about a tenth of a second.
    private static let stepLimit = 2_000_000
    private static let stackLimit = 200_000

    private let program: [JavaPattern.Instruction]
    private let text: [Unicode.Scalar]
    private let mustEnd: Bool
    private var state: State
    private let fresh: State
    private var stack: [Frame] = []
    private var steps = 0
    /// By step and place, whether it was tried; empty where each match may depend on groups.
    private var tried: [Bool] = []
    private let remembers: Bool

    private struct State {
        /// Begins and ends of groups, -1 where there is none.
        var places: [Int]
        /// Where the turn of each loop began.
        var loops: [Int]
    }

    private struct Frame {
        let instruction: Int
        let position: Int
        let state: State
    }

    init(
        _ program: [JavaPattern.Instruction],
        _ text: [Unicode.Scalar],
        _ groupCount: Int,
        _ loopCount: Int,
        mustEnd: Bool,
        remembers: Bool = false
    ) {
        self.remembers = remembers
        (self.program, self.text, self.mustEnd) = (program, text, mustEnd)
        fresh = State(
            places: [Int](repeating: -1, count: 2 * (groupCount + 1)),
            loops: [Int](repeating: -1, count: loopCount)
        )
        state = fresh
    }

    /// The places of the match and its groups; `nil` where nothing matches here.
    mutating func match(at start: Int) throws(JavaPattern.Exhausted) -> [Range<Int>?]? {
        state = fresh
        stack.removeAll(keepingCapacity: true)
        guard let end = try run(from: 0, at: start, mustEnd: mustEnd) else { return nil }
        state.places[0] = start
        state.places[1] = end
        return stride(from: 0, to: state.places.count, by: 2).map { place in
            let (low, high) = (state.places[place], state.places[place + 1])
            return low >= 0 && low <= high ? low..<high : nil
        }
    }

    /// Runs to the next `accept`.
    ///
    /// - Returns: where the match ends; `state` is then the match's.
    private mutating func run(
        from start: Int,
        at begin: Int,
        mustEnd: Bool
    ) throws(JavaPattern.Exhausted) -> Int? {
        let base = stack.count
        var (next, position) = (start, begin)
        // What was tried within a look or an atomic group says nothing about the way around it.
        let around = tried
        if remembers { tried = [Bool](repeating: false, count: program.count * (text.count + 1)) }
        defer { if remembers { tried = around } }
        while true {
            if remembers {
                let place = next * (text.count + 1) + position
                if tried[place] {
                    guard stack.count > base, let frame = stack.popLast() else { return nil }
                    (next, position, state) = (frame.instruction, frame.position, frame.state)
                    continue
                }
                tried[place] = true
            } else {
                steps += 1
                guard steps < Self.stepLimit else { throw JavaPattern.Exhausted() }
            }
            guard stack.count < Self.stackLimit else { throw JavaPattern.Exhausted() }
            var succeeds = true
            switch program[next] {
            case .set(let set):
                succeeds = position < text.count && set.contains(text[position])
                (next, position) = (next + 1, position + 1)
            case .save(let place):
                state.places[place] = position
                next += 1
            case .split(let first, let second):
                stack.append(Frame(instruction: second, position: position, state: state))
                next = first
            case .jump(let target): next = target
            case .enter(let loop):
                state.loops[loop] = position
                next += 1
            case .progress(let loop):
                // A turn that took nothing would be taken for ever; Java goes on after the loop.
                next += state.loops[loop] == position ? 2 : 1
            case .check(let boundary):
                succeeds = isAt(boundary, position)
                next += 1
            case .reference(let group, let foldsCase):
                let count = length(of: group, at: position, foldsCase)
                succeeds = count != nil
                (next, position) = (next + 1, position + (count ?? 0))
            case .look(let isNegative, let end):
                let before = state
                let found = try run(from: next + 1, at: position, mustEnd: false) != nil
                if isNegative || !found { state = before }
                succeeds = found != isNegative
                next = end
            case .atomic(let end):
                let found = try run(from: next + 1, at: position, mustEnd: false)
                succeeds = found != nil
                (next, position) = (end, found ?? position)
            case .accept:
                succeeds = !mustEnd || position == text.count
                if succeeds {
                    stack.removeSubrange(base...)
                    return position
                }
            }
            guard !succeeds else { continue }
            guard stack.count > base, let frame = stack.popLast() else { return nil }
            (next, position, state) = (frame.instruction, frame.position, frame.state)
        }
    }

    private func length(of group: Int, at position: Int, _ foldsCase: Bool) -> Int? {
        let (low, high) = (state.places[2 * group], state.places[2 * group + 1])
        guard low >= 0, low <= high, position + high - low <= text.count else { return nil }
        for offset in 0..<(high - low) {
            let (one, two) = (text[low + offset], text[position + offset])
            let isSame = foldsCase ? JavaCharacterSet.folded(one) == JavaCharacterSet.folded(two) : one == two
            guard isSame else { return nil }
        }
        return high - low
    }

    private func isAt(_ boundary: JavaPattern.Boundary, _ position: Int) -> Bool {
        switch boundary {
        case .start: return position == 0
        case .end: return position == text.count
        case .endBeforeTerminator:
            if position == text.count { return true }
            let rest = text[position...]
            return rest.count == 1 && JavaCharacterSet.isTerminator(rest[position])
                && !(rest[position] == "\n" && position > 0 && text[position - 1] == "\r")
                || rest.count == 2 && rest.elementsEqual(["\r", "\n"] as [Unicode.Scalar])
        case .word: return isWord(position - 1) != isWord(position)
        case .notWord: return isWord(position - 1) == isWord(position)
        }
    }

    private func isWord(_ position: Int) -> Bool {
        guard text.indices.contains(position) else { return false }
        let scalar = text[position]
        // Java 17 takes letters and digits of all scripts for this boundary, but not for \w.
        return scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
    }
}
