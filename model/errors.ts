/** A policy's settings are not valid, or something it needs was not given. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code = 'E_POLICY'
}

/** A TensorFlow.js backend is unknown or did not start. */
export class BackendError extends Error {
  override readonly name = 'BackendError'
  readonly code = 'E_BACKEND'
}

/** Recorded outcomes can't be read, or hold too little to learn from. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError'
  readonly code = 'E_DATASET'
}

/** A training option is not valid, or training diverged. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError'
  readonly code = 'E_TRAINING'
}

/** A model folder is missing, damaged, or made for other features. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError'
  readonly code = 'E_MODEL'
}
