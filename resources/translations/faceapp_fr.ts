<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en_GB">
<context>
    <name>AdminPanel</name>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>Back to the kiosk's screen (Esc)</source>
        <translation>Retour à l’écran de la borne (Échap)</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Maintenant</translation>
    </message>
    <message>
        <source>What is decided about the newest picture</source>
        <translation>La décision sur la dernière image</translation>
    </message>
    <message>
        <source>Decisions</source>
        <translation>Décisions</translation>
    </message>
    <message>
        <source>The last openings and refusals, explained</source>
        <translation>Les dernières ouvertures et refus, expliqués</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Personnes</translation>
    </message>
    <message>
        <source>Who may open the door, and when</source>
        <translation>Qui peut ouvrir la porte, et quand</translation>
    </message>
    <message>
        <source>Zone</source>
        <translation>Zone</translation>
    </message>
    <message>
        <source>Where in the picture people are looked at</source>
        <translation>Où l’image est examinée</translation>
    </message>
    <message>
        <source>Site</source>
        <translation>Site</translation>
    </message>
    <message>
        <source>How this kiosk works, its PIN, and the way out</source>
        <translation>Le fonctionnement de la borne, son code et la sortie</translation>
    </message>
</context><context>
    <name>AdminWords</name>
    <message>
        <source>en</source>
        <translation>fr</translation>
    </message>
    <message>
        <source>everything fits</source>
        <translation>tout concorde</translation>
    </message>
    <message>
        <source>nobody is there</source>
        <translation>il n’y a personne</translation>
    </message>
    <message>
        <source>no badge yet</source>
        <translation>pas encore de badge</translation>
    </message>
    <message>
        <source>the badge was too long ago</source>
        <translation>le badge date de trop longtemps</translation>
    </message>
    <message>
        <source>too far away</source>
        <translation>trop loin</translation>
    </message>
    <message>
        <source>not seen well enough</source>
        <translation>pas assez bien vu</translation>
    </message>
    <message>
        <source>collecting votes</source>
        <translation>collecte des votes</translation>
    </message>
    <message>
        <source>several people in the zone</source>
        <translation>plusieurs personnes dans la zone</translation>
    </message>
    <message>
        <source>not known to be alive yet</source>
        <translation>pas encore reconnu comme vivant</translation>
    </message>
    <message>
        <source>let in a moment ago</source>
        <translation>accès ouvert à l’instant</translation>
    </message>
    <message>
        <source>the door is still moving</source>
        <translation>la porte est encore en mouvement</translation>
    </message>
    <message>
        <source>something is out of order</source>
        <translation>quelque chose est hors service</translation>
    </message>
    <message>
        <source>the picture is too old</source>
        <translation>l’image est trop ancienne</translation>
    </message>
    <message>
        <source>photos of another network</source>
        <translation>photos d’un autre réseau</translation>
    </message>
    <message>
        <source>searched in another way</source>
        <translation>recherché autrement</translation>
    </message>
    <message>
        <source>two people too alike</source>
        <translation>deux personnes trop ressemblantes</translation>
    </message>
    <message>
        <source>not recognised</source>
        <translation>non reconnu</translation>
    </message>
    <message>
        <source>has no right to this door</source>
        <translation>n’a pas de droit sur cette porte</translation>
    </message>
    <message>
        <source>deactivated</source>
        <translation>accès désactivé</translation>
    </message>
    <message>
        <source>outside the allowed hours</source>
        <translation>hors des heures autorisées</translation>
    </message>
    <message>
        <source>needs a badge besides the face</source>
        <translation>doit présenter un badge en plus du visage</translation>
    </message>
    <message>
        <source>a picture was held up</source>
        <translation>une image a été présentée</translation>
    </message>
    <message>
        <source>not found to be alive</source>
        <translation>non reconnu comme vivant</translation>
    </message>
    <message>
        <source>too many refusals in a row</source>
        <translation>trop de refus de suite</translation>
    </message>
    <message>
        <source>the door confirmed</source>
        <translation>la porte a confirmé</translation>
    </message>
    <message>
        <source>the door refused to open</source>
        <translation>la porte a refusé de s’ouvrir</translation>
    </message>
    <message>
        <source>the door could not be reached</source>
        <translation>la porte était injoignable</translation>
    </message>
    <message>
        <source>the door failed</source>
        <translation>la porte a échoué</translation>
    </message>
    <message>
        <source>the door answered too late and was shut again</source>
        <translation>la porte a répondu trop tard et a été refermée</translation>
    </message>
    <message>
        <source>the decision had grown too old before the door was asked</source>
        <translation>la décision était trop ancienne avant l’appel à la porte</translation>
    </message>
    <message>
        <source>the person was deactivated or removed in the meantime</source>
        <translation>la personne a été désactivée ou supprimée entre-temps</translation>
    </message>
    <message>
        <source>it could not be logged, so the door stayed shut</source>
        <translation>impossible de l’inscrire au journal, la porte est restée fermée</translation>
    </message>
    <message>
        <source>the program ended before the door answered</source>
        <translation>le programme s’est arrêté avant la réponse de la porte</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>inconnu</translation>
    </message>
    <message>
        <source>a living person</source>
        <translation>une personne vivante</translation>
    </message>
    <message>
        <source>a picture or a screen</source>
        <translation>une image ou un écran</translation>
    </message>
    <message>
        <source>the questions aren't all answered yet</source>
        <translation>toutes les questions n’ont pas encore reçu de réponse</translation>
    </message>
    <message>
        <source>the movement that was asked for didn't come in time</source>
        <translation>le mouvement demandé n’est pas venu à temps</translation>
    </message>
    <message>
        <source>the face didn't look at the camera</source>
        <translation>le visage ne regardait pas la caméra</translation>
    </message>
    <message>
        <source>the head moved another way than it was asked to</source>
        <translation>la tête a bougé autrement que demandé</translation>
    </message>
    <message>
        <source>the movement came before the question could be answered</source>
        <translation>le mouvement est venu avant qu’on puisse répondre à la question</translation>
    </message>
    <message>
        <source>the face tilts like a picture, not like a head</source>
        <translation>le visage s’incline comme une image, pas comme une tête</translation>
    </message>
    <message>
        <source>the face jumped from one pose to another</source>
        <translation>le visage a sauté d’une pose à une autre</translation>
    </message>
    <message>
        <source>another face came in between</source>
        <translation>un autre visage est apparu entre-temps</translation>
    </message>
    <message>
        <source>the face was lost in between</source>
        <translation>le visage a été perdu entre-temps</translation>
    </message>
    <message>
        <source>the questions were left unanswered</source>
        <translation>les questions sont restées sans réponse</translation>
    </message>
    <message>
        <source>the model takes it for a picture or a screen</source>
        <translation>le modèle le prend pour une image ou un écran</translation>
    </message>
    <message>
        <source>the model isn't sure</source>
        <translation>le modèle n’est pas sûr</translation>
    </message>
    <message>
        <source>the face is too small for the model</source>
        <translation>le visage est trop petit pour le modèle</translation>
    </message>
    <message>
        <source>the face is too dark for the model</source>
        <translation>le visage est trop sombre pour le modèle</translation>
    </message>
    <message>
        <source>the model needs more around the face</source>
        <translation>le modèle a besoin de voir plus autour du visage</translation>
    </message>
    <message>
        <source>the face leaves the picture</source>
        <translation>le visage sort de l’image</translation>
    </message>
    <message>
        <source>no liveness model is installed</source>
        <translation>aucun modèle de détection du vivant n’est installé</translation>
    </message>
    <message>
        <source>a liveness check failed: see the log</source>
        <translation>une détection du vivant a échoué : voir le journal</translation>
    </message>
    <message>
        <source>a liveness check took too long</source>
        <translation>une détection du vivant a pris trop de temps</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>Ouverture</translation>
    </message>
    <message>
        <source>Opened</source>
        <translation>Ouverte</translation>
    </message>
    <message>
        <source>Not opened</source>
        <translation>Non ouverte</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Refusé</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>En attente</translation>
    </message>
    <message>
        <source>somebody</source>
        <translation>quelqu’un</translation>
    </message>
    <message>
        <source>Opening for {name}</source>
        <translation>Ouverture pour {name}</translation>
    </message>
    <message>
        <source>Opened for {name}</source>
        <translation>Ouverte pour {name}</translation>
    </message>
    <message>
        <source>Not opened for {name}</source>
        <translation>Non ouverte pour {name}</translation>
    </message>
    <message>
        <source>Refused: {reason}</source>
        <translation>Refusé : {reason}</translation>
    </message>
    <message>
        <source>Waiting: {reason}</source>
        <translation>En attente : {reason}</translation>
    </message>
</context><context>
    <name>BadgeField</name>
    <message>
        <source>Badge code</source>
        <translation>Code du badge</translation>
    </message>
    <message>
        <source>Waiting for the reader</source>
        <translation>En attente du lecteur</translation>
    </message>
</context><context>
    <name>ChangePin</name>
    <message>
        <source>The two were not the same. Please choose again.</source>
        <translation>Les deux ne sont pas identiques. Veuillez recommencer.</translation>
    </message>
    <message>
        <source>Change PIN</source>
        <translation>Changer le code PIN</translation>
    </message>
    <message>
        <source>Please type the PIN that holds now.</source>
        <translation>Veuillez saisir le code actuel.</translation>
    </message>
    <message>
        <source>New PIN</source>
        <translation>Nouveau code PIN</translation>
    </message>
    <message>
        <source>At least 6 digits, not a simple row.</source>
        <translation>Au moins 6 chiffres, pas une simple suite.</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>Encore une fois</translation>
    </message>
    <message>
        <source>Please type the new PIN again.</source>
        <translation>Veuillez saisir le nouveau code une seconde fois.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>That is not the PIN. Please wait {time} before the next try.</source>
        <translation>Ce n’est pas le bon code. Veuillez attendre {time} avant de réessayer.</translation>
    </message>
    <message>
        <source>That is not the PIN. Nothing was changed.</source>
        <translation>Ce n’est pas le bon code. Rien n’a été modifié.</translation>
    </message>
</context><context>
    <name>DecisionsModel</name>
    <message>
        <source>Time</source>
        <translation>Heure</translation>
    </message>
    <message>
        <source>Decision</source>
        <translation>Décision</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>Personne</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Pourquoi</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Distance</translation>
    </message>
    <message>
        <source>How different the face is from the nearest enrolled photo. Smaller is more alike.</source>
        <translation>À quel point le visage diffère de la photo enregistrée la plus proche. Plus petit : plus ressemblant.</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>inconnu</translation>
    </message>
</context><context>
    <name>DecisionsPage</name>
    <message>
        <source>Nobody has come to the door yet.</source>
        <translation>Personne n’est encore venu à la porte.</translation>
    </message>
    <message>
        <source>Decisions, newest first</source>
        <translation>Décisions, les plus récentes d’abord</translation>
    </message>
</context><context>
    <name>DoorRightsDialog</name>
    <message>
        <source>Door rights</source>
        <translation>Droits d’accès</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>Every change is written to the audit log.</source>
        <translation>Chaque modification est inscrite au journal d’audit.</translation>
    </message>
</context><context>
    <name>Explain</name>
    <message>
        <source>at most {limit}</source>
        <translation>au plus {limit}</translation>
    </message>
    <message>
        <source>at least {limit}</source>
        <translation>au moins {limit}</translation>
    </message>
    <message>
        <source>alone</source>
        <translation>aucune autre</translation>
    </message>
    <message>
        <source>at least {needed} of {frames}</source>
        <translation>au moins {needed} sur {frames}</translation>
    </message>
    <message>
        <source>the door hasn't answered yet</source>
        <translation>la porte n’a pas encore répondu</translation>
    </message>
    <message>
        <source>nobody enrolled is near enough</source>
        <translation>aucune personne enregistrée n’est assez proche</translation>
    </message>
    <message>
        <source>too few pictures agreed on one person</source>
        <translation>trop peu d’images s’accordent sur une personne</translation>
    </message>
    <message>
        <source>{name} and {other} are too near to each other to be told apart</source>
        <translation>{name} et {other} sont trop proches pour être distingués</translation>
    </message>
    <message>
        <source>recognised as {name}, who has no right to this door</source>
        <translation>reconnu comme {name}, sans droit sur cette porte</translation>
    </message>
    <message>
        <source>recognised as {name}, who is deactivated</source>
        <translation>reconnu comme {name}, accès désactivé</translation>
    </message>
    <message>
        <source>recognised as {name}, whose hours don't include this one</source>
        <translation>reconnu comme {name}, hors des heures autorisées</translation>
    </message>
    <message>
        <source>the face was found to be a picture or a screen</source>
        <translation>le visage a été reconnu comme une image ou un écran</translation>
    </message>
    <message>
        <source>it wasn't found out whether the face is a living person's</source>
        <translation>on n’a pas établi si le visage est celui d’une personne vivante</translation>
    </message>
    <message>
        <source>it isn't found out yet whether the face is a living person's</source>
        <translation>on ne sait pas encore si le visage est celui d’une personne vivante</translation>
    </message>
    <message>
        <source>refused several times before, so the next try has to wait</source>
        <translation>refusé plusieurs fois, le prochain essai doit attendre</translation>
    </message>
    <message>
        <source>the face is too small in the picture</source>
        <translation>le visage est trop petit dans l’image</translation>
    </message>
    <message>
        <source>the face isn't seen well enough to be compared</source>
        <translation>le visage n’est pas assez bien vu pour être comparé</translation>
    </message>
    <message>
        <source>more pictures must agree before the door opens</source>
        <translation>d’autres images doivent concorder avant l’ouverture</translation>
    </message>
    <message>
        <source>nobody in the zone is clearly nearer than the others</source>
        <translation>personne dans la zone n’est nettement plus proche que les autres</translation>
    </message>
    <message>
        <source>the door was opened for this person a moment ago</source>
        <translation>la porte vient d’être ouverte pour cette personne</translation>
    </message>
    <message>
        <source>the person</source>
        <translation>la personne</translation>
    </message>
    <message>
        <source>somebody else</source>
        <translation>quelqu’un d’autre</translation>
    </message>
    <message>
        <source>compared with nobody so far</source>
        <translation>comparé à personne pour l’instant</translation>
    </message>
    <message>
        <source>distance {distance}, threshold {threshold}</source>
        <translation>distance {distance}, seuil {threshold}</translation>
    </message>
    <message>
        <source>distance {distance}, above the threshold {threshold}</source>
        <translation>distance {distance}, au-dessus du seuil {threshold}</translation>
    </message>
    <message>
        <source>{votes} of {needed} votes</source>
        <translation>{votes} votes sur {needed}</translation>
    </message>
    <message>
        <source>{votes} of {needed} votes in {time}</source>
        <translation>{votes} votes sur {needed} en {time}</translation>
    </message>
    <message>
        <source>found to be a living person</source>
        <translation>reconnu comme une personne vivante</translation>
    </message>
    <message>
        <source>decided {time} after the frame on {provider}</source>
        <translation>décidé {time} après l’image sur {provider}</translation>
    </message>
    <message>
        <source>nobody else to confuse with</source>
        <translation>personne d’autre à confondre</translation>
    </message>
    <message>
        <source>the nearest</source>
        <translation>la plus proche</translation>
    </message>
    <message>
        <source>next nearest {other} at {at}, {gap} farther than {name}, {needed} needed</source>
        <translation>ensuite {other} à {at}, {gap} plus loin que {name}, {needed} nécessaires</translation>
    </message>
    <message>
        <source>face {height}</source>
        <translation>visage {height}</translation>
    </message>
    <message>
        <source>quality {quality}</source>
        <translation>qualité {quality}</translation>
    </message>
    <message>
        <source>, less than the {minimum} needed</source>
        <translation>, moins que les {minimum} nécessaires</translation>
    </message>
</context><context>
    <name>Figures</name>
    <message>
        <source>Size</source>
        <translation>Taille</translation>
    </message>
    <message>
        <source>How high the face is in the picture, in pixels: how near the person is.</source>
        <translation>Hauteur du visage dans l’image, en pixels : la proximité de la personne.</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualité</translation>
    </message>
    <message>
        <source>How well the face is seen, 0 to 100: sharpness, light, both eyes.</source>
        <translation>Qualité de la vue du visage, de 0 à 100 : netteté, lumière, deux yeux.</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Distance</translation>
    </message>
    <message>
        <source>How different the face is from the nearest enrolled photo. Smaller is more alike.</source>
        <translation>À quel point le visage diffère de la photo enregistrée la plus proche. Plus petit : plus ressemblant.</translation>
    </message>
    <message>
        <source>Margin</source>
        <translation>Marge</translation>
    </message>
    <message>
        <source>How much farther the next nearest person is. Too little, and two people can't be told apart.</source>
        <translation>De combien la deuxième personne est plus éloignée. Trop peu, et deux personnes se confondent.</translation>
    </message>
    <message>
        <source>Votes</source>
        <translation>Votes</translation>
    </message>
    <message>
        <source>How many of the last pictures agree on the same person, and how many must.</source>
        <translation>Combien des dernières images s’accordent sur la même personne, et combien il en faut.</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>non mesuré</translation>
    </message>
    <message>
        <source>fulfilled</source>
        <translation>rempli</translation>
    </message>
    <message>
        <source>not fulfilled</source>
        <translation>non rempli</translation>
    </message>
</context><context>
    <name>Hours</name>
    <message>
        <source>Monday</source>
        <translation>lundi</translation>
    </message>
    <message>
        <source>Tuesday</source>
        <translation>mardi</translation>
    </message>
    <message>
        <source>Wednesday</source>
        <translation>mercredi</translation>
    </message>
    <message>
        <source>Thursday</source>
        <translation>jeudi</translation>
    </message>
    <message>
        <source>Friday</source>
        <translation>vendredi</translation>
    </message>
    <message>
        <source>Saturday</source>
        <translation>samedi</translation>
    </message>
    <message>
        <source>Sunday</source>
        <translation>dimanche</translation>
    </message>
    <message>
        <source>Mon</source>
        <translation>lun.</translation>
    </message>
    <message>
        <source>Tue</source>
        <translation>mar.</translation>
    </message>
    <message>
        <source>Wed</source>
        <translation>mer.</translation>
    </message>
    <message>
        <source>Thu</source>
        <translation>jeu.</translation>
    </message>
    <message>
        <source>Fri</source>
        <translation>ven.</translation>
    </message>
    <message>
        <source>Sat</source>
        <translation>sam.</translation>
    </message>
    <message>
        <source>Sun</source>
        <translation>dim.</translation>
    </message>
    <message>
        <source>every day</source>
        <translation>tous les jours</translation>
    </message>
    <message>
        <source>always</source>
        <translation>toujours</translation>
    </message>
    <message>
        <source>never</source>
        <translation>jamais</translation>
    </message>
</context><context>
    <name>HoursEditor</name>
    <message>
        <source>Add a window</source>
        <translation>Ajouter une plage</translation>
    </message>
    <message>
        <source>Another time of the week at which the door opens</source>
        <translation>Un autre moment de la semaine où la porte s’ouvre</translation>
    </message>
</context><context>
    <name>Kiosk</name>
    <message>
        <source>The two were not the same. Please choose again.</source>
        <translation>Les deux ne sont pas identiques. Veuillez recommencer.</translation>
    </message>
    <message>
        <source>Too many wrong PINs. Please wait %1.</source>
        <translation>Trop de codes faux. Veuillez attendre %1.</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>Administration</translation>
    </message>
    <message>
        <source>No PIN is set. Set one on the command line, with “faceapp keys pin”.</source>
        <translation>Aucun code PIN n’est défini. Définissez-en un en ligne de commande, avec « faceapp keys pin ».</translation>
    </message>
    <message>
        <source>Please type the PIN.</source>
        <translation>Veuillez saisir le code PIN.</translation>
    </message>
    <message>
        <source>Choose a PIN</source>
        <translation>Choisir un code PIN</translation>
    </message>
    <message>
        <source>It opens the administrator's page. At least 6 digits, not a simple row.</source>
        <translation>Il ouvre la page d’administration. Au moins 6 chiffres, pas une simple suite.</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>Encore une fois</translation>
    </message>
    <message>
        <source>Please type the same PIN again.</source>
        <translation>Veuillez saisir le même code une seconde fois.</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Retour</translation>
    </message>
    <message>
        <source>That is not the PIN.</source>
        <translation>Ce n’est pas le bon code.</translation>
    </message>
    <message>
        <source>Please wait %1.</source>
        <translation>Veuillez attendre %1.</translation>
    </message>
    <message>
        <source>Type your number</source>
        <translation>Saisir votre numéro</translation>
    </message>
    <message>
        <source>Camera picture</source>
        <translation>Image de la caméra</translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Bienvenue</translation>
    </message>
    <message>
        <source>Can't turn your head? Ask for help.</source>
        <translation>Impossible pour vous ? Demandez de l’aide.</translation>
    </message>
    <message>
        <source>A picture doesn't answer questions, so nobody is let in.</source>
        <translation>Une image ne répond pas aux questions : personne n’est donc admis.</translation>
    </message>
    <message>
        <source>Look here</source>
        <translation>Regardez ici</translation>
    </message>
    <message>
        <source>Then turn your head as the arrow shows.</source>
        <translation>Tournez ensuite la tête comme l’indique la flèche.</translation>
    </message>
    <message>
        <source>Look here first, then turn your head as the arrow shows.</source>
        <translation>Regardez d’abord ici, puis tournez la tête comme l’indique la flèche.</translation>
    </message>
    <message>
        <source>Turn left</source>
        <translation>À gauche</translation>
    </message>
    <message>
        <source>Just your head, as far as is comfortable.</source>
        <translation>Tournez seulement la tête, sans forcer.</translation>
    </message>
    <message>
        <source>Turn right</source>
        <translation>À droite</translation>
    </message>
    <message>
        <source>Look up</source>
        <translation>En haut</translation>
    </message>
    <message>
        <source>Just your head: lift your chin.</source>
        <translation>Seulement la tête : levez le menton.</translation>
    </message>
    <message>
        <source>Look down</source>
        <translation>En bas</translation>
    </message>
    <message>
        <source>Just your head: lower your chin.</source>
        <translation>Seulement la tête : baissez le menton.</translation>
    </message>
    <message>
        <source>Look here again</source>
        <translation>Regardez ici</translation>
    </message>
    <message>
        <source>Next: to the left</source>
        <translation>Ensuite : à gauche</translation>
    </message>
    <message>
        <source>Next: to the right</source>
        <translation>Ensuite : à droite</translation>
    </message>
    <message>
        <source>Next: up</source>
        <translation>Ensuite : en haut</translation>
    </message>
    <message>
        <source>Next: down</source>
        <translation>Ensuite : en bas</translation>
    </message>
    <message>
        <source>This kiosk cannot tell a photograph or a phone from a person.</source>
        <translation>Cette borne ne peut pas distinguer une photo ou un téléphone d’une personne.</translation>
    </message>
    <message>
        <source>Welcome, %1</source>
        <translation>Bienvenue, %1</translation>
    </message>
    <message>
        <source>Show your badge again, or ask for help.</source>
        <translation>Présentez de nouveau votre badge ou demandez de l’aide.</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Vérification</translation>
    </message>
    <message>
        <source>Keep looking here for a moment.</source>
        <translation>Continuez à regarder ici un instant.</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Un instant</translation>
    </message>
    <message>
        <source>The kiosk is starting.</source>
        <translation>La borne démarre.</translation>
    </message>
    <message>
        <source>Entrance</source>
        <translation>Entrée</translation>
    </message>
    <message>
        <source>Step in front of the camera to open the door.</source>
        <translation>Placez-vous devant la caméra pour ouvrir la porte.</translation>
    </message>
    <message>
        <source>Show your badge</source>
        <translation>Votre badge</translation>
    </message>
    <message>
        <source>Hold it to the reader or its code to the camera.</source>
        <translation>Approchez-le du lecteur, ou son code de la caméra.</translation>
    </message>
    <message>
        <source>Come closer</source>
        <translation>Approchez-vous</translation>
    </message>
    <message>
        <source>One more step towards the screen.</source>
        <translation>Encore un pas vers l’écran.</translation>
    </message>
    <message>
        <source>Face the camera, straight ahead.</source>
        <translation>Regardez la caméra, bien en face.</translation>
    </message>
    <message>
        <source>Turn your head</source>
        <translation>Tournez la tête</translation>
    </message>
    <message>
        <source>Please follow the arrow.</source>
        <translation>Veuillez suivre la flèche.</translation>
    </message>
    <message>
        <source>Please try again</source>
        <translation>Veuillez réessayer</translation>
    </message>
    <message>
        <source>Not everything could be seen. It starts again by itself. Or ask for help.</source>
        <translation>Tout n’a pas pu être vu. Cela recommence tout seul. Ou demandez de l’aide.</translation>
    </message>
    <message>
        <source>Please start again</source>
        <translation>Veuillez recommencer</translation>
    </message>
    <message>
        <source>Step out of the picture for a moment, then come back. Or ask for help.</source>
        <translation>Sortez un instant de l’image, puis revenez. Ou demandez de l’aide.</translation>
    </message>
    <message>
        <source>One at a time</source>
        <translation>Une seule personne</translation>
    </message>
    <message>
        <source>Please stand in front of the camera alone.</source>
        <translation>Veuillez vous placer sans autre personne devant la caméra.</translation>
    </message>
    <message>
        <source>The door is open.</source>
        <translation>La porte est ouverte.</translation>
    </message>
    <message>
        <source>Please go in</source>
        <translation>Veuillez entrer</translation>
    </message>
    <message>
        <source>You were let in a moment ago.</source>
        <translation>L’accès vient de vous être ouvert.</translation>
    </message>
    <message>
        <source>Not recognised</source>
        <translation>Visage non reconnu</translation>
    </message>
    <message>
        <source>Please try again, or ask for help.</source>
        <translation>Veuillez réessayer ou demander de l’aide.</translation>
    </message>
    <message>
        <source>No entry now</source>
        <translation>Pas d’accès</translation>
    </message>
    <message>
        <source>This door is not open to you at present. Please ask for help.</source>
        <translation>Cette porte ne vous est pas ouverte en ce moment. Demandez de l’aide.</translation>
    </message>
    <message>
        <source>Show your face</source>
        <translation>Montrez votre visage</translation>
    </message>
    <message>
        <source>A picture does not open this door. Step away for a moment, then come back.</source>
        <translation>Une image n’ouvre pas cette porte. Éloignez-vous un instant, puis revenez.</translation>
    </message>
    <message>
        <source>Please wait</source>
        <translation>Patientez</translation>
    </message>
    <message>
        <source>Out of order</source>
        <translation>Hors service</translation>
    </message>
    <message>
        <source>Please use another way in, or ask for help.</source>
        <translation>Veuillez passer par une autre entrée ou demander de l’aide.</translation>
    </message>
    <message>
        <source>You can try again in a moment.</source>
        <translation>Vous pourrez réessayer dans un instant.</translation>
    </message>
    <message>
        <source>You can try again in %1.</source>
        <translation>Vous pourrez réessayer dans %1.</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>Back to full screen</source>
        <translation>Revenir en plein écran</translation>
    </message>
    <message>
        <source>Then look at the camera.</source>
        <translation>Regardez ensuite la caméra.</translation>
    </message>
    <message>
        <source>Your number</source>
        <translation>Votre numéro</translation>
    </message>
    <message>
        <source>Delete the last digit</source>
        <translation>Effacer le dernier chiffre</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Valider</translation>
    </message>
</context><context>
    <name>Line</name>
    <message>
        <source>Not done: {line}</source>
        <translation>Non fait : {line}</translation>
    </message>
    <message>
        <source>Done: {line}</source>
        <translation>Fait : {line}</translation>
    </message>
</context><context>
    <name>NowPage</name>
    <message>
        <source>Camera picture with the zone</source>
        <translation>Image de la caméra avec la zone</translation>
    </message>
    <message>
        <source>No picture yet</source>
        <translation>Pas encore d’image</translation>
    </message>
    <message>
        <source>The door is opened for nobody right now.</source>
        <translation>La porte ne s’ouvre pour personne en ce moment.</translation>
    </message>
    <message>
        <source>Nobody is looked at</source>
        <translation>Personne n’est examiné</translation>
    </message>
    <message>
        <source>{verdict} ({name})</source>
        <translation>{verdict} ({name})</translation>
    </message>
    <message>
        <source>no picture yet</source>
        <translation>pas encore d’image</translation>
    </message>
    <message>
        <source>no new picture for {time}</source>
        <translation>aucune nouvelle image depuis {time}</translation>
    </message>
    <message>
        <source>{read} pictures a second, {used} looked at</source>
        <translation>{read} images par seconde, {used} examinées</translation>
    </message>
    <message>
        <source>Camera, door, log and gallery are in order.</source>
        <translation>Caméra, porte, journal et galerie fonctionnent.</translation>
    </message>
    <message>
        <source>Living person</source>
        <translation>Personne vivante</translation>
    </message>
    <message>
        <source>Whether the face is a person's or a picture's</source>
        <translation>Si le visage est celui d’une personne ou d’une image</translation>
    </message>
    <message>
        <source>Time taken</source>
        <translation>Durée</translation>
    </message>
    <message>
        <source>From taking the picture to deciding on it</source>
        <translation>De la prise de l’image à la décision</translation>
    </message>
    <message>
        <source>Computed on</source>
        <translation>Calculé sur</translation>
    </message>
    <message>
        <source>The processor and the number format of the networks</source>
        <translation>Le processeur et le format numérique des réseaux</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Caméra</translation>
    </message>
    <message>
        <source>How many pictures the camera sends and how many are looked at</source>
        <translation>Combien d’images la caméra envoie et combien sont examinées</translation>
    </message>
    <message>
        <source>Door</source>
        <translation>Porte</translation>
    </message>
    <message>
        <source>The door's address</source>
        <translation>L’adresse de la porte</translation>
    </message>
</context><context>
    <name>PersonRights</name>
    <message>
        <source>Allow</source>
        <translation>Autoriser</translation>
    </message>
    <message>
        <source>Give this person the door</source>
        <translation>Donner l’accès à cette personne</translation>
    </message>
    <message>
        <source>Deny</source>
        <translation>Refuser</translation>
    </message>
    <message>
        <source>Take the door from this person, whatever their groups may</source>
        <translation>Retirer l’accès à cette personne, quels que soient ses groupes</translation>
    </message>
    <message>
        <source>As groups say</source>
        <translation>Selon les groupes</translation>
    </message>
    <message>
        <source>No right of their own: their groups decide</source>
        <translation>Aucun droit propre : les groupes décident</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>Toujours</translation>
    </message>
    <message>
        <source>At every hour of the week</source>
        <translation>À toute heure de la semaine</translation>
    </message>
    <message>
        <source>At these hours</source>
        <translation>À ces heures</translation>
    </message>
    <message>
        <source>Only at certain hours of the week</source>
        <translation>Seulement à certaines heures de la semaine</translation>
    </message>
    <message>
        <source>Keep these hours</source>
        <translation>Garder ces heures</translation>
    </message>
    <message>
        <source>Add a badge</source>
        <translation>Ajouter un badge</translation>
    </message>
    <message>
        <source>Hold a badge to the reader, or type its code</source>
        <translation>Approchez un badge du lecteur ou saisissez son code</translation>
    </message>
    <message>
        <source>Forget badges</source>
        <translation>Oublier les badges</translation>
    </message>
    <message>
        <source>None of their badges opens anything any more</source>
        <translation>Aucun de ces badges n’ouvre plus rien</translation>
    </message>
    <message>
        <source>Needs a badge</source>
        <translation>Badge exigé</translation>
    </message>
    <message>
        <source>Their face alone opens nothing: they show a badge as well</source>
        <translation>Le visage seul n’ouvre rien : un badge est présenté aussi</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Hold the badge to the reader, or type its code and press Enter. Only a fingerprint of it is kept.</source>
        <translation>Approchez le badge du lecteur, ou saisissez son code puis Entrée. Seule une empreinte du code est conservée.</translation>
    </message>
    <message>
        <source>Deactivate</source>
        <translation>Désactiver</translation>
    </message>
    <message>
        <source>Activate again</source>
        <translation>Réactiver</translation>
    </message>
    <message>
        <source>Nothing opens for them until they are activated again; photos and rights stay</source>
        <translation>Rien ne s’ouvre jusqu’à la réactivation ; photos et droits restent</translation>
    </message>
    <message>
        <source>Their right counts again</source>
        <translation>Le droit est de nouveau valable</translation>
    </message>
    <message>
        <source>No badge</source>
        <translation>Aucun badge</translation>
    </message>
    <message>
        <source>Deactivated: nothing opens for {name}.</source>
        <translation>Accès désactivé : rien ne s’ouvre pour {name}.</translation>
    </message>
    <message>
        <source>May enter at any time.</source>
        <translation>Peut entrer à tout moment.</translation>
    </message>
    <message>
        <source>May enter: {hours}.</source>
        <translation>Peut entrer : {hours}.</translation>
    </message>
    <message>
        <source>May not enter, whatever their groups may.</source>
        <translation>Ne peut pas entrer, quels que soient les droits de ses groupes.</translation>
    </message>
    <message>
        <source>May enter at the hours of: {groups}.</source>
        <translation>Peut entrer aux heures de : {groups}.</translation>
    </message>
    <message>
        <source>May not enter: no right through {groups}.</source>
        <translation>Ne peut pas entrer : aucun droit par {groups}.</translation>
    </message>
    <message>
        <source>May not enter: nobody has allowed it yet.</source>
        <translation>Ne peut pas entrer : personne ne l’a encore autorisé.</translation>
    </message>
    <message>
        <source>A badge is needed besides the face.</source>
        <translation>Un badge est exigé en plus du visage.</translation>
    </message>
    <message>
        <source>A badge is needed besides the face, and none is known: nothing opens yet.</source>
        <translation>Un badge est exigé en plus du visage, et aucun n’est connu : rien n’ouvre encore.</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Quand</translation>
    </message>
    <message>
        <source>The door</source>
        <translation>La porte</translation>
    </message>
</context><context>
    <name>Rights</name>
    <message>
        <source>deactivated</source>
        <translation>accès désactivé</translation>
    </message>
    <message>
        <source>not allowed</source>
        <translation>non autorisé</translation>
    </message>
    <message>
        <source>through {groups}</source>
        <translation>par {groups}</translation>
    </message>
    <message>
        <source>no right through {groups}</source>
        <translation>aucun droit par {groups}</translation>
    </message>
    <message>
        <source>no right yet</source>
        <translation>pas encore de droit</translation>
    </message>
    <message>
        <source>1 badge</source>
        <translation>1 badge</translation>
    </message>
    <message>
        <source>{count} badges</source>
        <translation>{count} badges</translation>
    </message>
    <message>
        <source>badge needed</source>
        <translation>badge exigé</translation>
    </message>
    <message>
        <source>may enter</source>
        <translation>peut entrer</translation>
    </message>
    <message>
        <source>may not enter</source>
        <translation>ne peut pas entrer</translation>
    </message>
</context><context>
    <name>RightsPanel</name>
    <message>
        <source>Search people</source>
        <translation>Rechercher une personne</translation>
    </message>
    <message>
        <source>Nobody is enrolled yet.</source>
        <translation>Personne n’est encore enregistré.</translation>
    </message>
    <message>
        <source>No name contains “{text}”.</source>
        <translation>Aucun nom ne contient « {text} ».</translation>
    </message>
    <message>
        <source>{allowed} of {all} may enter</source>
        <translation>{allowed} sur {all} peuvent entrer</translation>
    </message>
    <message>
        <source>People and their right to the door</source>
        <translation>Les personnes et leur droit d’accès</translation>
    </message>
    <message>
        <source>Enrolling gives nobody a door. Choose a person to allow it.</source>
        <translation>L’enregistrement n’ouvre de porte à personne. Choisissez une personne pour l’autoriser.</translation>
    </message>
</context><context>
    <name>SitePage</name>
    <message>
        <source>Change PIN</source>
        <translation>Changer le code PIN</translation>
    </message>
    <message>
        <source>The PIN that opens this page</source>
        <translation>Le code qui ouvre cette page</translation>
    </message>
    <message>
        <source>Leave full screen</source>
        <translation>Quitter le plein écran</translation>
    </message>
    <message>
        <source>The kiosk goes on in a window</source>
        <translation>La borne continue dans une fenêtre</translation>
    </message>
    <message>
        <source>Quit the kiosk</source>
        <translation>Quitter la borne</translation>
    </message>
    <message>
        <source>The program ends, and the door stays shut</source>
        <translation>Le programme se termine et la porte reste fermée</translation>
    </message>
    <message>
        <source>Identify: the face alone, compared with everybody who is enrolled.</source>
        <translation>Identification : le visage seul, comparé à toutes les personnes enregistrées.</translation>
    </message>
    <message>
        <source>Verify: a badge, a code or a number first, then the face, compared with that person only.</source>
        <translation>Vérification : d’abord un badge, un code ou un numéro, puis le visage, comparé à cette seule personne.</translation>
    </message>
    <message>
        <source>Off. A photograph or a phone held up cannot be told from a person: whoever has a good picture of somebody enrolled may get in. Keep a badge or a person at doors that matter.</source>
        <translation>Désactivée. Une photo ou un téléphone présenté ne se distingue pas d’une personne : qui possède une bonne image d’une personne enregistrée peut entrer. Gardez un badge ou une personne aux portes importantes.</translation>
    </message>
    <message>
        <source>Passive: a model looks at each face for a picture or a screen. How often it errs depends on the camera, the light and what is held up: try it with your own people and pictures.</source>
        <translation>Passif : un modèle cherche dans chaque visage une image ou un écran. La fréquence de ses erreurs dépend de la caméra, de la lumière et de ce qui est présenté : essayez-le avec vos propres personnes et images.</translation>
    </message>
    <message>
        <source>Active: people are asked to turn their head before the door opens. Pictures are refused. A recording fits the questions by chance once in 27 sessions; prepared clips that somebody steers, and faces that a computer draws, can answer them.</source>
        <translation>Actif : on demande de tourner la tête avant d’ouvrir la porte. Les images sont refusées. Un enregistrement convient par hasard aux questions une séance sur 27 ; des clips préparés que quelqu’un pilote, et des visages dessinés par ordinateur, peuvent y répondre.</translation>
    </message>
    <message>
        <source>Both: people are asked to turn their head, and a model looks for pictures and screens. What passes must fool both: a recording by chance, or clips that somebody steers.</source>
        <translation>Les deux : on demande de tourner la tête, et un modèle cherche des images et des écrans. Ce qui passe doit tromper les deux : un enregistrement par hasard, ou des clips que quelqu’un pilote.</translation>
    </message>
    <message>
        <source>This is the site's setting.</source>
        <translation>C’est le réglage du site.</translation>
    </message>
    <message>
        <source>This was chosen when the kiosk was started, whatever the settings say.</source>
        <translation>Ce choix a été fait au démarrage de la borne, quels que soient les réglages.</translation>
    </message>
    <message>
        <source>This is the settings' choice for this hour.</source>
        <translation>C’est le choix des réglages pour cette heure.</translation>
    </message>
    <message>
        <source>This holds for whoever has just shown a badge, and not for others.</source>
        <translation>Cela vaut pour la personne qui vient de présenter un badge, et pour aucune autre.</translation>
    </message>
    <message>
        <source>{address} (drawn on the screen: no real door is moved)</source>
        <translation>{address} (dessinée à l’écran : aucune vraie porte ne bouge)</translation>
    </message>
    <message>
        <source>The new PIN holds from now on.</source>
        <translation>Le nouveau code est en vigueur.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Quit the kiosk? Nobody gets in by face until it is started again.</source>
        <translation>Quitter la borne ? Personne n’entrera par le visage jusqu’au prochain démarrage.</translation>
    </message>
    <message>
        <source>How people are recognised</source>
        <translation>Comment les personnes sont reconnues</translation>
    </message>
    <message>
        <source>Is it a living person?</source>
        <translation>Est-ce une personne vivante ?</translation>
    </message>
    <message>
        <source>The door</source>
        <translation>La porte</translation>
    </message>
    <message>
        <source>These are set when the kiosk is started, or in its settings.</source>
        <translation>Cela se règle au démarrage de la borne ou dans ses paramètres.</translation>
    </message>
</context><context>
    <name>TimeField</name>
    <message>
        <source>A quarter of an hour earlier</source>
        <translation>Un quart d’heure plus tôt</translation>
    </message>
    <message>
        <source>A quarter of an hour later</source>
        <translation>Un quart d’heure plus tard</translation>
    </message>
</context><context>
    <name>WindowEditor</name>
    <message>
        <source>From</source>
        <translation>De</translation>
    </message>
    <message>
        <source>To</source>
        <translation>À</translation>
    </message>
    <message>
        <source>Remove this window</source>
        <translation>Supprimer cette plage</translation>
    </message>
    <message>
        <source>to</source>
        <translation>à</translation>
    </message>
    <message>
        <source>Choose at least one day.</source>
        <translation>Veuillez choisir au moins un jour.</translation>
    </message>
    <message>
        <source>Times are from 00:00 to 24:00, and differ.</source>
        <translation>Les heures vont de 00:00 à 24:00 et sont différentes.</translation>
    </message>
    <message>
        <source>Ends on the next day.</source>
        <translation>Se termine le lendemain.</translation>
    </message>
</context><context>
    <name>ZonePage</name>
    <message>
        <source>The zone over the camera picture</source>
        <translation>La zone sur l’image de la caméra</translation>
    </message>
    <message>
        <source>No picture yet</source>
        <translation>Pas encore d’image</translation>
    </message>
    <message>
        <source>Drag an edge, a corner or the whole. Arrow keys move it, with Shift they resize it.</source>
        <translation>Faites glisser un bord, un coin ou l’ensemble. Les flèches la déplacent, avec Maj elles la redimensionnent.</translation>
    </message>
    <message>
        <source>Only faces whose middle lies inside the frame are looked at. Leave out whoever merely passes by.</source>
        <translation>Seuls les visages dont le centre est dans le cadre sont examinés. Laissez dehors les simples passants.</translation>
    </message>
    <message>
        <source>Keep this zone</source>
        <translation>Garder cette zone</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Annuler la modification</translation>
    </message>
    <message>
        <source>Back to the zone that is in force</source>
        <translation>Revenir à la zone en vigueur</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>Image entière</translation>
    </message>
    <message>
        <source>Look at everybody in the picture</source>
        <translation>Examiner toutes les personnes de l’image</translation>
    </message>
    <message>
        <source>The zone is in force from now on.</source>
        <translation>La zone est en vigueur.</translation>
    </message>
    <message>
        <source>{width} % of the width, {height} % of the height</source>
        <translation>{width} % de la largeur, {height} % de la hauteur</translation>
    </message>
</context></TS>
