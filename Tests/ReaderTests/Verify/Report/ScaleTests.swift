import Testing

@testable import Verify

@Suite("Scales of the drawings") struct ScaleTests {
    @Test func `a linear scale maps the ends to the ends, whichever way round`() {
        let scale = Scale(domain: 0...10, range: (200, 100))
        #expect(scale(0) == 200)
        #expect(scale(5) == 150)
        #expect(scale(10) == 100)
        #expect(scale(99) == 100)
        #expect(scale(-1) == 200)
    }

    @Test func `a logarithmic scale gives each power of ten the same room`() {
        let scale = Scale(.logarithmic, domain: 1...1_000, range: (0, 300))
        #expect(abs(scale(10) - 100) < 1e-9)
        #expect(abs(scale(100) - 200) < 1e-9)
        #expect(scale(0) == 0)
        #expect(scale.ticks(about: 6) == [1, 10, 100, 1_000])
    }

    @Test func `a scale over one value only does not divide by nothing`() {
        #expect(Scale(domain: 5...5, range: (0, 10))(5) == 0)
        #expect(Scale(domain: 5...5, range: (0, 10)).ticks(about: 3) == [5])
    }

    @Test func `ticks are round numbers`() {
        #expect(Scale(domain: 0...1_234, range: (0, 1)).ticks(about: 3) == [0, 500, 1_000])
        #expect(Scale.roundStep(atLeast: 0.3) == 0.5)
        #expect(Scale.roundStep(atLeast: 1) == 1)
        #expect(Scale.roundStep(atLeast: 600) == 1_000)
        #expect(Scale.roundStep(atLeast: 0) == 0)
    }

    @Test func `the time axis has the steps of a clock, and as few as asked for`() {
        #expect(TimeTicks.over(60, about: 6) == [0, 10, 20, 30, 40, 50, 60])
        #expect(TimeTicks.over(7_200, about: 4) == [0, 1_800, 3_600, 5_400, 7_200])
        #expect(TimeTicks.over(40 * 86_400, about: 5).count <= 6)
        #expect(TimeTicks.over(0, about: 5) == [0])
        #expect(TimeTicks.label(90, step: 30) == "1:30 min")
        #expect(TimeTicks.label(12.5, step: 0.5) == "12.5 s")
        #expect(TimeTicks.label(3_661, step: 60) == "1:01:01 h")
    }
}
