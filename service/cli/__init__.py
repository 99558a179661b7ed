"""The commands of `nocontact`: what is typed, what is printed."""
