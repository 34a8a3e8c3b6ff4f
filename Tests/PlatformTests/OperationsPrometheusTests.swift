import CoreMetrics
import Operations
import Testing

struct OperationsPrometheusTests {
    @Test(arguments: [
        ("lane.batch-size", "lane_batch_size"), ("2fast", "_2fast"), ("job:rate", "job:rate"), ("", "_"),
        ("延迟", "__"),
    ])
    func namesAreMadeValid(label: String, name: String) {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: label, dimensions: []).increment(by: 1)
        #expect(metrics.page() == "# TYPE \(name) counter\n\(name) 1\n")
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\"b", "a\\\"b"), ("a\\b", "a\\\\b"), ("a\nb", "a\\nb"), ("中文", "中文"), ("", ""),
    ])
    func labelValuesAreEscaped(value: String, escaped: String) {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "c", dimensions: [("l", value)]).increment(by: 2)
        #expect(metrics.page() == "# TYPE c counter\nc{l=\"\(escaped)\"} 2\n")
    }

    @Test func labelsAreSortedUniqueAndNeverReserved() {
        let metrics = PrometheusMetrics(labels: [("worker", "w")])
        metrics.makeCounter(label: "c", dimensions: [("z", "1"), ("a.b", "2"), ("z", "3"), ("le", "4"), ("__x", "5")])
            .increment(by: 1)
        #expect(
            metrics.page() == "# TYPE c counter\nc{a_b=\"2\",label___x=\"5\",label_le=\"4\",worker=\"w\",z=\"3\"} 1\n")
    }

    @Test(arguments: [
        (0.0, "0"), (-1.5, "-1.5"), (Double.nan, "NaN"), (Double.infinity, "+Inf"), (-Double.infinity, "-Inf"),
        (1e20, "1e+20"), (1_700_000_000, "1700000000"),
    ])
    func gaugesAreWrittenInTheFormatsNumbers(value: Double, text: String) {
        let metrics = PrometheusMetrics()
        metrics.makeMeter(label: "g", dimensions: []).set(value)
        #expect(metrics.page() == "# TYPE g gauge\ng \(text)\n")
    }

    @Test func timersAreHistogramsInSeconds() {
        let metrics = PrometheusMetrics()
        let timer = metrics.makeTimer(label: "batch.duration", dimensions: [("w", "a")])
        timer.recordNanoseconds(1_000_000)
        timer.recordNanoseconds(200_000_000)
        timer.recordNanoseconds(90_000_000_000)
        let lines = metrics.page().split(separator: "\n")
        #expect(lines.first == "# TYPE batch_duration_seconds histogram")
        #expect(lines.contains("batch_duration_seconds_bucket{w=\"a\",le=\"0.001\"} 1"))
        #expect(lines.contains("batch_duration_seconds_bucket{w=\"a\",le=\"0.1\"} 1"))
        #expect(lines.contains("batch_duration_seconds_bucket{w=\"a\",le=\"0.25\"} 2"))
        #expect(lines.contains("batch_duration_seconds_bucket{w=\"a\",le=\"60\"} 2"))
        #expect(
            lines.suffix(3) == [
                "batch_duration_seconds_bucket{w=\"a\",le=\"+Inf\"} 3", "batch_duration_seconds_sum{w=\"a\"} 90.201",
                "batch_duration_seconds_count{w=\"a\"} 3",
            ])
    }

    @Test func aNotANumberDoesNotSpoilAHistogram() {
        let metrics = PrometheusMetrics()
        let recorder = metrics.makeRecorder(label: "r", dimensions: [], aggregate: true)
        recorder.record(Double.nan)
        recorder.record(Int64(5))
        #expect(metrics.page().hasSuffix("r_sum 5\nr_count 1\n"))
    }

    @Test func theSameNameAndLabelsAreOneSeries() {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "c", dimensions: [("a", "1"), ("b", "2")]).increment(by: 1)
        metrics.makeCounter(label: "c", dimensions: [("b", "2"), ("a", "1")]).increment(by: 1)
        metrics.makeCounter(label: "c", dimensions: []).increment(by: 5)
        #expect(metrics.page() == "# TYPE c counter\nc 5\nc{a=\"1\",b=\"2\"} 2\n")
    }

    @Test func aNameTakenByAnotherKindDoesNotAppearTwice() {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "x", dimensions: []).increment(by: 1)
        metrics.makeMeter(label: "x", dimensions: []).set(Int64(9))
        #expect(metrics.page() == "# TYPE x counter\nx 1\n")
    }

    @Test func helpIsEscapedAndComesFirst() {
        let metrics = PrometheusMetrics(help: ["a.total": "one\ntwo \\ three"])
        metrics.makeCounter(label: "a.total", dimensions: []).increment(by: 1)
        #expect(metrics.page() == "# HELP a_total one\\ntwo \\\\ three\n# TYPE a_total counter\na_total 1\n")
    }

    @Test func countersNeverFall() {
        let metrics = PrometheusMetrics()
        let counter = metrics.makeFloatingPointCounter(label: "c", dimensions: [])
        counter.increment(by: 1.5)
        counter.increment(by: -1)
        counter.increment(by: .nan)
        #expect(metrics.page() == "# TYPE c counter\nc 1.5\n")
    }

    @Test func theNumberOfSeriesIsBounded() {
        let metrics = PrometheusMetrics(maximumSeries: 3)
        for index in 0..<10 {
            metrics.makeCounter(label: "c", dimensions: [("i", "\(index)")]).increment(by: 1)
        }
        #expect(metrics.page().split(separator: "\n").count == 1 + 3)
    }
}
