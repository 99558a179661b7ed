"""A real switch (Kamailio), wing phones and a carrier (SIPp) on loopback."""
