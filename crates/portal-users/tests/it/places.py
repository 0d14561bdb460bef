"""Writes files of places as their vendors do: argument 1 is the folder."""

import sys
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

PLACES = {
    "192.0.2.0/24": ("DE", 52.52, 13.40, 64496),
    "203.0.113.0/24": ("DE", 48.14, 11.58, 64496),
    "198.51.100.0/24": ("AU", -33.87, 151.21, 64511),
    "2001:db8::/32": ("AU", -33.87, 151.21, 64511),
}

folder = Path(sys.argv[1])
cities = MMDBWriter(6, "GeoIP2-City", ipv4_compatible=True)
systems = MMDBWriter(6, "GeoLite2-ASN", ipv4_compatible=True, int_type="u32")
for network, (country, latitude, longitude, system) in PLACES.items():
    location = {"latitude": latitude, "longitude": longitude}
    cities.insert_network(IPSet([network]), {"country": {"iso_code": country}, "location": location})
    systems.insert_network(IPSet([network]), {"autonomous_system_number": system})
cities.to_db_file(str(folder / "city.mmdb"))
systems.to_db_file(str(folder / "asn.mmdb"))
