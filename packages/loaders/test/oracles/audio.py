"""Writes audio.json: WAV files of soundfile, rates changed by SciPy, spectra and mel filters of librosa.
Run: python audio.py (needs numpy, scipy, soundfile, librosa)."""
import base64
import io
import json
import os

import librosa
import numpy as np
import scipy.signal
import soundfile

rng = np.random.default_rng(0)
t = np.arange(400) / 16000
stereo = np.stack([0.7 * np.sin(2 * np.pi * 440 * t), rng.uniform(-1, 1, len(t))], 1)
wav = []
for subtype in ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW"]:
    for kind in ["WAV", "WAVEX"]:
        if kind == "WAVEX" and subtype in ("ALAW", "ULAW"):
            continue
        f = io.BytesIO()
        soundfile.write(f, stereo, 16000, format=kind, subtype=subtype)
        f.seek(0)
        back, rate = soundfile.read(io.BytesIO(f.getvalue()), dtype="float32")
        wav.append({"name": f"{kind} {subtype}", "file": base64.b64encode(f.getvalue()).decode(), "rate": rate,
                    "channels": [base64.b64encode(np.ascontiguousarray(back[:, c]).tobytes()).decode() for c in range(2)]})

f32 = lambda a: base64.b64encode(np.ascontiguousarray(a, np.float32).tobytes()).decode()
x = (np.sin(2 * np.pi * 440 * t) + 0.3 * rng.normal(size=len(t))).astype(np.float32)
resample = [{"from": a, "to": b, "samples": f32(scipy.signal.resample_poly(x.astype(np.float64), b, a))} for a, b in [(16000, 8000), (16000, 44100), (44100, 16000), (48000, 16000), (8000, 16000), (16000, 16000), (22050, 24000)]]

mel = []
for o in [dict(sr=16000, n_fft=400, n_mels=80), dict(sr=22050, n_fft=1024, n_mels=64, fmin=50, fmax=8000), dict(sr=16000, n_fft=512, n_mels=40, htk=True, norm=None)]:
    ours = {"sampleRate": o["sr"], "nFft": o["n_fft"], "nMels": o["n_mels"], **({"fMin": o["fmin"], "fMax": o["fmax"]} if "fmin" in o else {}), **({"scale": "htk", "norm": None} if o.get("htk") else {})}
    mel.append({"options": ours, "filters": f32(librosa.filters.mel(**o))})

stft = []
for o in [dict(n_fft=64), dict(n_fft=100, hop_length=30), dict(n_fft=64, hop_length=16, win_length=40), dict(n_fft=64, center=False)]:
    s = librosa.stft(x, pad_mode="reflect", dtype=np.complex128, **o)
    names = {"n_fft": "nFft", "hop_length": "hopLength", "win_length": "winLength", "center": "center"}
    stft.append({"options": {names[k]: v for k, v in o.items()}, "real": f32(s.real.T), "imag": f32(s.imag.T), "nFrames": s.shape[1]})

melspec = librosa.feature.melspectrogram(y=x, sr=16000, n_fft=400, hop_length=160, n_mels=80, pad_mode="reflect")
long = np.concatenate([x] * 10)
m = librosa.feature.melspectrogram(y=long, sr=16000, n_fft=400, hop_length=160, n_mels=80, pad_mode="reflect")[:, :-1]
logs = np.log10(np.maximum(m, 1e-10))
whisper = (np.maximum(logs, logs.max() - 8) + 4) / 4

out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "audio.json")
json.dump({"wav": wav, "x": f32(x), "resample": resample, "mel": mel, "stft": stft, "melspec": f32(melspec.T), "whisper": f32(whisper)}, open(out, "w"))
print(os.path.getsize(out))
