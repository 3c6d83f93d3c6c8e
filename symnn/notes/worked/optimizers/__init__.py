"""Steps of optimizers: lines such as ``m_t = β_1 m_{t-1} + (1 - β_1) g_t`` beside the declared recipe of that method."""
