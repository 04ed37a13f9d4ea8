/// `transforms` and `predicates`: a chain is made once, at the start.
extension PropertyReader {
    /// Takes the transforms and predicates; `nil` where there are none.
    mutating func transformChain(deletesRows: Bool) -> TransformChain? {
        let names = read(PropertyCatalog.transforms)
        let predicates = takePredicates()
        var used: [String] = []
        var steps: [TransformChain.Step] = []
        for (place, name) in names.enumerated() {
            guard !names[..<place].holds(name) else {
                add(PropertyCatalog.transforms, names.joined(separator: ","), "names \(name) twice")
                continue
            }
            if let step = step(name, predicates, &used, deletesRows: deletesRows) { steps.append(step) }
        }
        for (property, _) in takeAll(prefix: PropertyCatalog.transformOptions.prefix).sorted(by: {
            $0.key < $1.key
        }) {
            note("transforms.\(property)", "transforms does not name it; Connect ignores it too")
        }
        for predicate in predicates.keys.map(\.text).sorted() where !used.holds(predicate) {
            note(PropertyCatalog.predicates, "no transform uses \(predicate)")
        }
        return steps.isEmpty ? nil : TransformChain(steps)
    }

    private mutating func step(
        _ name: String,
        _ predicates: [ExactText: TransformPredicate?],
        _ used: inout [String],
        deletesRows: Bool
    ) -> TransformChain.Step? {
        let prefix = "\(PropertyCatalog.transformOptions.prefix)\(name)."
        checkDeletes(of: name, deletesRows: deletesRows)
        var options = TransformOptions(prefix: prefix, takeAll(prefix: prefix))
        let type = options.take("type")?.trimmed ?? ""
        let label = options.take("predicate")?.trimmed ?? ""
        let isNegated = options.flag("negate", default: false)
        var transform: (any Transform)?
        if type.isEmpty {
            options.add("type", "is missing: the class of the transform")
        } else {
            do throws(TransformCatalog.Refusal) {
                transform = try TransformCatalog.make(type, &options)
                for option in options.untaken { note(prefix + option, "\(type) does not read it") }
            } catch {
                add(prefix + "type", type, error.reason)
            }
        }
        var predicate: TransformPredicate?
        if !label.isEmpty {
            used.append(label)
            if let known = predicates[ExactText(label)] {
                predicate = known
            } else {
                options.add(
                    "predicate",
                    "is not among predicates; name it there and give it a type",
                    value: label
                )
            }
        } else if isNegated {
            options.add("negate", "needs a predicate to negate")
        } else if transform is RecordFilter {
            options.add("predicate", "is missing: without one Filter drops every record")
        }
        for problem in options.problems { add(problem.property, problem.value, problem.reason) }
        return transform.map {
            TransformChain.Step(name: name, transform: $0, predicate: predicate, isNegated: isNegated)
        }
    }

    /// The predicates by their names; `nil` for one whose options are wrong, which is said.
    private mutating func takePredicates() -> [ExactText: TransformPredicate?] {
        let names = read(PropertyCatalog.predicates)
        var predicates: [ExactText: TransformPredicate?] = [:]
        for name in names {
            let prefix = "\(PropertyCatalog.predicateOptions.prefix)\(name)."
            var options = TransformOptions(prefix: prefix, takeAll(prefix: prefix))
            var predicate: TransformPredicate?
            if let type = options.required("type", hint: "the class of the predicate") {
                predicate = TransformPredicate(type.trimmed, &options)
            }
            for problem in options.problems { add(problem.property, problem.value, problem.reason) }
            for option in options.untaken { note(prefix + option, "the predicate does not read it") }
            predicates.updateValue(predicate, forKey: ExactText(name))
        }
        for (property, _) in takeAll(prefix: PropertyCatalog.predicateOptions.prefix).sorted(by: {
            $0.key < $1.key
        }) {
            note("predicates.\(property)", "predicates does not name it; Connect ignores it too")
        }
        return predicates
    }
}
