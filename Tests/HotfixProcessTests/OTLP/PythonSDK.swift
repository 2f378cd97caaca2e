import Foundation
import HotfixTestSupport

/// Programs that send metrics by OpenTelemetry's own SDK for Python, which `scripts/setup test` installs under .build.
enum PythonSDK {
    /// The interpreter that has the SDK.
    static func interpreter() throws -> String {
        let program = try SpawnedCommand.builtProgram("hotfix")
        guard let build = program.range(of: "/.build/") else {
            throw SpawnedCommand.Failure(description: "no .build above \(program)")
        }
        let path = program[..<build.upperBound] + "python/bin/python"
        guard FileManager.default.isExecutableFile(atPath: String(path)) else {
            throw SpawnedCommand.Failure(description: "There is no \(path). Run scripts/setup test.")
        }
        return String(path)
    }

    /// Sends durations, CPU seconds and memory in several lives of a process, and prints what it was given, and the points of CPU seconds.
    ///
    /// Arguments: endpoint, explicit or exponential, cumulative or delta, a file that exists once the receiver is to be stopped, and one
    /// that exists once it answers again.
    static let sender = """
        import json, os, sys, time
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
        from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
        from opentelemetry.sdk.metrics.view import (ExplicitBucketHistogramAggregation as Explicit,
            ExponentialBucketHistogramAggregation as Exponential, View)
        from opentelemetry.sdk.resources import Resource

        endpoint, shape, temporality, stopped, back = sys.argv[1:6]
        bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]
        chosen = AggregationTemporality.DELTA if temporality == "delta" else AggregationTemporality.CUMULATIVE
        durations = []
        cpu = []

        class Exporter(OTLPMetricExporter):
            def export(self, data, *rest, **more):
                for metric in (m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics):
                    if metric.name == "process.cpu.time":
                        for point in metric.data.data_points:
                            cpu.append([point.attributes["cpu.mode"], point.start_time_unix_nano, point.time_unix_nano,
                                point.value])
                return super().export(data, *rest, **more)

        def life(number, rounds, outage):
            view = View(instrument_name="http.server.request.duration",
                aggregation=Exponential() if shape == "exponential" else Explicit(bounds))
            exporter = Exporter(endpoint=endpoint + "/v1/metrics", timeout=30,
                preferred_temporality={Histogram: chosen, Counter: chosen})
            reader = PeriodicExportingMetricReader(exporter, export_interval_millis=10**9, export_timeout_millis=40000)
            resource = Resource.create({"service.name": "checkout", "service.instance.id": "a",
                "deployment.environment.name": "production"})
            provider = MeterProvider(metric_readers=[reader], views=[view], resource=resource)
            meter = provider.get_meter("test")
            histogram = meter.create_histogram("http.server.request.duration", unit="s")
            memory = meter.create_up_down_counter("process.memory.usage", unit="By")
            cpu = meter.create_counter("process.cpu.time", unit="s")
            memory.add(1000)
            for turn in range(rounds):
                for index in range(40):
                    value = 0.004 * 1.17 ** ((index * 7 + turn * 3 + number * 5) % 37)
                    failed = index % 10 == 0
                    histogram.record(value, {"http.response.status_code": 500 if failed else 200, "http.route": "/cart"})
                    durations.append([value, failed])
                cpu.add(0.25, {"cpu.mode": "user"})
                cpu.add(0.05, {"cpu.mode": "system"})
                time.sleep(0.02)
                if outage and turn == 1:
                    open(stopped, "w").close()
                    while not os.path.exists(back + ".down"): time.sleep(0.02)
                    # The export begins while nobody answers, and is tried again by the exporter itself.
                    open(back + ".asked", "w").close()
                assert provider.force_flush(40000), "not flushed"
            provider.shutdown()

        life(0, 3, False)
        life(1, 4, True)
        print(json.dumps({"durations": durations, "cpu": cpu}))
        """
}
