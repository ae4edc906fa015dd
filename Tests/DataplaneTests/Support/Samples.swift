/// A frame of every kind that tests cut, chain and mutate, and the port that receives it.
struct Sample {
  var name: String
  var port = "core"
  var frame: [UInt8]
  /// It holds an inner packet, so that no shorter payload of the outer one makes a whole packet.
  var isTunnel = true

  /// Frames that are forwarded.
  static let forwarded: [Sample] = {
    let (four, six) = (tenant4(), tenant6())
    var all: [Sample] = []
    for endpoint in Endpoint.all {
      let (sid, next, inner) = (endpoint.sid, endpoint.next, endpoint.inner)
      all.append(Sample(name: "\(sid)", frame: tunnel(sid, next, inner)))
      all.append(Sample(name: "\(sid) SRH", frame: tunnel(sid, next, inner, segments: [sid, "fc00:0:7::"])))
    }
    let pad: [UInt8] = [4, 6, 0, 0, 0, 0, 0, 0]
    all.append(Sample(name: "TLV", frame: tunnel(redDT4, 4, four, segments: [redDT4], tlvs: pad)))
    all.append(Sample(name: "tagged", frame: tunnel(redDT4, 4, four, segments: [redDT4], tag: 100)))
    all.append(Sample(name: "options", frame: tunnel(redDT4, 4, tenant4(options: [7, 7, 4, 0, 0, 0, 0, 0]))))
    let behind = srh([redDT6], next: 60, payload: [41, 0, 1, 4, 0, 0, 0, 0] + six)
    let headers = ipv6(headend, redDT6, next: 0, payload: [43, 0, 1, 4, 0, 0, 0, 0] + behind)
    all.append(Sample(name: "extension headers", frame: coreFrame(headers)))
    let nested = ipv6(headend, redDT4, next: 43, payload: srh([redDT4], next: 4, payload: four))
    all.append(Sample(name: "nested", frame: tunnel(mainDT6, 41, nested, segments: [mainDT6])))
    let transit = ipv6(headend, "2001:db8:6::9", next: 17, payload: pattern(30))
    all.append(Sample(name: "IPv6", frame: coreFrame(transit), isTunnel: false))
    let plain = ethernet(redMAC, redPeer, 0x0800, tenant4(options: [7, 3, 4, 0]))
    all.append(Sample(name: "IPv4", port: "ce-red", frame: plain, isTunnel: false))
    return all
  }()

  /// Frames that are dropped for all sorts of reasons.
  static let dropped: [Sample] = [
    Sample(name: "segments left", frame: tunnel(redDT4, 4, tenant4(), segments: [redDT4], left: 1)),
    Sample(name: "TTL", frame: tunnel(redDX4, 4, tenant4(ttl: 1), segments: [redDX4])),
    Sample(name: "no route", frame: tunnel(redDT6, 41, tenant6("2001:db8:bad::1"))),
    Sample(name: "checksum", frame: tunnel(redDT4, 4, patched(tenant4(), 10, 0, 0))),
    Sample(name: "next header", frame: tunnel(redDT4, 41, tenant6(), segments: [redDT4])),
    Sample(name: "ARP", frame: ethernet("ff:ff:ff:ff:ff:ff", peerMAC, 0x0806, pattern(28)), isTunnel: false),
    Sample(name: "too big", frame: tunnel(blueDT4, 4, tenant4(size: 1481)), isTunnel: false),
  ]

  /// The SRH of 127 segments, 2,040 bytes, in front of an inner packet.
  static let longest = [
    Sample(name: "127 segments, DT4", frame: tunnel(redDT4, 4, tenant4(), segments: segments(redDT4))),
    Sample(name: "127 segments, DT6", frame: tunnel(blueDT6, 41, tenant6(), segments: segments(blueDT6))),
  ]

  private static func segments(_ sid: String) -> [String] { [sid] + [String](repeating: "fc00:0:7::", count: 126) }
}
