//! Layers of configuration: defaults, file, environment, flags.
