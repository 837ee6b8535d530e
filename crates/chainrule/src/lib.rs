//! One dependency for users: the strategies behind one contract.
